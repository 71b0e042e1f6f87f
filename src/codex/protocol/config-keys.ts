/** Key paths that stand in a text, with white space between them. */
const keys = (text: string): string[] => text.trim().split(/\s+/);
const within = (table: string, text: string): string[] => keys(text).map((key) => `${table}.${key}`);
const features = (text: string): string[] => within('features', text);
const whole = (text: string): string[] => keys(text).map((key) => `${key}.**`);

/** Which model answers, how it thinks, what it is told, and how much of it. */
const OPEN_KEYS = keys(`
  model model_provider review_model service_tier personality
  model_context_window model_auto_compact_token_limit model_auto_compact_token_limit_scope
  model_post_turn_compact_threshold_percent model_reasoning_effort plan_mode_reasoning_effort model_reasoning_summary
  model_verbosity hide_agent_reasoning show_raw_agent_reasoning
  instructions developer_instructions compact_prompt include_permissions_instructions include_apps_instructions
  include_collaboration_mode_instructions include_environment_context include_environment_context_time
  project_doc_max_bytes project_doc_fallback_filenames tool_output_token_limit background_terminal_max_timeout
  web_search experimental_use_unified_exec_tool goals.max_goal_token_budget
  tools.web_search tools.web_search.context_size tools.web_search.allowed_domains tools.web_search.location
  tools.web_search.location.country tools.web_search.location.region tools.web_search.location.city
  tools.web_search.location.timezone tools.update_plan.enabled
  skills.include_instructions skills.bundled.enabled skills.config skills.config.name skills.config.path
  skills.config.enabled
  mcp_optional_startup_grace_ms suppress_unstable_features_warning
  ghost_snapshot.ignore_large_untracked_files ghost_snapshot.ignore_large_untracked_dirs ghost_snapshot.disable_warnings
  experimental_realtime_ws_model experimental_realtime_ws_backend_prompt experimental_realtime_ws_startup_context
  experimental_realtime_start_instructions realtime.version realtime.type realtime.transport realtime.voice
`);

/** How other clients of the engine look on the screen of whoever uses them; this server has no use for them. */
const OPEN_SCREEN_KEYS = [
  ...keys(`
    file_opener check_for_update_on_startup disable_paste_burst oss_provider history.persistence history.max_bytes
    audio.microphone_channel audio.microphone audio.speaker
    notice.hide_gov_cloud_guidance notice.hide_full_access_warning notice.hide_world_writable_warning
    notice.fast_default_opt_out notice.hide_rate_limit_model_nudge notice.hide_gpt5_1_migration_prompt
    notice."hide_gpt-5.1-codex-max_migration_prompt"
  `),
  ...within(
    'tui',
    `
    notifications notification_method notification_condition animations screen_reader_detection_done show_tooltips
    show_server_version_notice auto_recap disable_paste_burst vim_mode_default question_esc_back raw_output_mode
    fullscreen_transcript collapse_turn_details sidebar_width_percent mouse_scroll_speed copy_on_select
    copy_on_select_clear_selection right_click_paste alternate_screen status_line status_line_use_colors terminal_title
    theme pet pet_anchor session_picker_view agents_overview_grouping resume_cwd terminal_resize_reflow_max_rows
    `,
  ),
  ...whole(`
    desktop notice.model_migrations notice.external_config_migration_prompts tui.effects tui.rendering tui.keymap
    tui.presets tui.model_availability_nux
  `),
];

/**
 * Which tools a thread offers to its model, what the model is told and how much of it. Commands and approvals are as
 * before with each of them. `web_search` is an earlier name that the engine still takes.
 */
const OPEN_FEATURES = features(`
  async_compaction async_compaction_root_only compaction_image_budget concurrent_reasoning_summaries context_management
  current_time_reminder cwd_relative_turn_diffs default_mode_request_user_input fast_mode goals image_generation
  image_generation_animation image_resize_notice model_catalog_in_context multi_agent multi_agent_v2
  omit_skill_descriptions output_token_replay reasoning_effort_override request_permissions_tool rollout_budget
  shell_tool simplified_selection_hints skill_search sleep_tool step_model_switching
  subagent_default_context_limits suppress_model_change_announcements terminal_visualization_instructions token_budget
  ultrafast_mode unified_exec unified_exec_tty unified_image_budget view_image web_search web_search_cached
  web_search_request
`);

/** What the engine takes and passes over, and whose earlier meaning was harmless: clients still send some of them. */
const REMOVED_FEATURES = features(`
  apply_patch_freeform apply_patch_preserve_line_endings code_mode_tool_description_first collaboration_modes
  image_detail_original item_ids multi_agent_mode personality remote_compaction_v2 resize_all_images
  responses_websockets responses_websockets_v2 search_tool send_async_message steer terminal_resize_reflow tool_search
  tool_search_always_defer_mcp_tools transcript_v2 tui_app_server unavailable_dummy_tools undo
`);

/**
 * What decides about approvals and sandbox, runs programs of its own, connects to others, keeps something beyond the
 * thread, belongs to another client than this server, or has not been looked at closely enough to be open.
 */
const ADMIN_FEATURES = features(`
  agent_message_board agent_message_board_mcp analytics_plan_history api_key_cyber_access_programs
  api_key_model_discovery app_server_websocket_compression apply_patch_streaming_events apps apps_early_resource_discovery
  apps_mcp_path_override artifact auth_elicitation background_paginated_rollout_migration bedrock_setup_wizard
  browser_annotation_api browser_use browser_use_external browser_use_full_cdp_access chronicle cli_daybreak
  cli_resume_account_check code_mode code_mode_buffered_exec code_mode_host code_mode_host_grpc
  code_mode_host_output_truncation code_mode_interrupt code_mode_only code_mode_only_strict_3p_tools code_mode_prewarm
  code_mode_tool_search codex_apps_mcp_2026_07_28 codex_git_commit command_sessions_world_state computer_use
  content_item_kinds credential_masking critical_path_timing daemon_auto_start daybreak_program_propagation
  defer_mailbox_preemption deferred_executor deferred_tool_world_state elevated_windows_sandbox enable_fanout
  enable_mcp_apps enable_request_compression exec_permission_approvals executed_tool_call_metadata
  executor_capability_discovery executor_capability_discovery_v2 experimental_windows_sandbox
  external_agent_memory_import external_migration gateway_setup_wizard gcp_setup_wizard guardian_approval
  guardian_conversation_history_tools guardian_denial_reconsideration guardian_enhanced_node_repl_transcripts
  guardian_ext guardian_include_additional_context guardian_native_multi_agent_history
  guardian_node_repl_transcript_images guardian_recorded_items guardian_reuse_parent_compaction
  guardian_root_handoff_context guardian_trust_orchestrator_connectors guardianv2 guardianv2.thread_context
  guardianv2_decisions_comparison guardianv3 hooks hosted_search_policy in_app_browser in_app_chat in_app_dictation
  in_app_local_automation in_app_updates in_app_voice incremental_exec_tools incremental_tools incremental_tools_legacy
  incremental_tools_legacy_gcp instant_interrupt interrupt_on_cancel js_repl js_repl_tools_only
  local_thread_store_compression local_thread_store_shared_compression login_shell_package_path mcp_2026_07_28
  mcp_connection_sharing mcp_lazy_stdio_startup mcp_oauth_refresh_coordination mcp_tool_list_changed memories mentions_v2
  multi_agent_v2_dynamic_tools multi_env_copy_file network_proxy non_prefixed_mcp_tool_names nonfatal_clock_read_errors
  omit_app_server_notification_media plugin_discovery_prefetch plugin_hooks plugin_sharing plugins
  powershell_shell_version prediction_preserve_parent_tools prefer_mxc prevent_idle_sleep psp realtime_conversation
  recommended_plugins remote_control remote_models remote_plugin request_rule respect_system_proxy
  retain_client_developer_messages retain_client_tool_outputs runtime_agent_instances runtime_metrics
  secret_auth_storage send_message_to_user_async shell_snapshot shell_snapshot_v2 shell_zsh_fork skill_catalog_deltas
  skill_env_var_dependency_prompt skill_mcp_dependency_install skip_host_skill_discovery sqlite
  stable_environment_tools standalone_web_search subagent_thread_environments system_proxy_fallback
  tool_call_mcp_elicitation tool_suggest tui_extensions_statusline tui_multi_backend tui_workspace
  unbounded_connection_retries unified_exec_zsh_fork untrusted_as_tool_output use_agent_identity use_legacy_landlock
  use_linux_sandbox_bwrap use_xaa wake_on_agent_messages windows_sandbox_service workspace_dependencies
  workspace_owner_usage_nudge worktrees write_stdin_approval
`);

/** What runs programs, names other files, folders and hosts, or holds credentials. */
const ADMIN_KEYS = [
  ...whole(`
    mcp_servers model_providers profiles plugins marketplaces hooks notify agents apps orchestrator cloud browser_use
    computer_use windows shell_environment_policy permissions tool_suggest memories otel analytics feedback auto_review
    approvals_reviewer responses_api_metadata mcp_enterprise_managed_auth forced_chatgpt_workspace_id
    experimental_thread_store sandbox_workspace_write.writable_roots tui.default_hosts
    tools.experimental_request_user_input
  `),
  ...keys(`
    profile default_permissions allow_login_shell project_root_markers client_search_provider daybreak
    openai_base_url chatgpt_base_url experimental_realtime_ws_base_url experimental_realtime_webrtc_call_base_url
    experimental_thread_store_endpoint apps_mcp_product_sku
    cli_auth_credentials_store mcp_oauth_credentials_store mcp_oauth_callback_port mcp_oauth_callback_url
    forced_login_method allow_symlinked_codex_home
    model_catalog_json model_instructions_file experimental_compact_prompt_file js_repl_node_path
    js_repl_node_module_dirs sqlite_home log_dir thread_unload_delay_secs
  `),
];

/** How far commands go and when somebody is asked; the ceiling looks at the values. */
const CEILING_KEYS = [
  ...keys('sandbox_mode approval_policy'),
  ...within('approval_policy.granular', 'sandbox_approval rules skill_approval request_permissions mcp_elicitations'),
  ...within('sandbox_workspace_write', 'network_access exclude_tmpdir_env_var exclude_slash_tmp'),
];

/**
 * Who may set which key of config.toml, as a `ConfigKeyTable`. Decided by hand for each key that
 * `generated/config-keys.json` has; `npm run check` names those that are missing here. No import, since scripts read it too.
 */
export const CONFIG_KEYS = {
  open: [...OPEN_KEYS, ...OPEN_SCREEN_KEYS, ...OPEN_FEATURES, ...REMOVED_FEATURES],
  ceiling: CEILING_KEYS,
  admin: [...ADMIN_KEYS, ...ADMIN_FEATURES],
  file: whole('projects'),
};

/** What is classified although the engine, which takes it, does not say so. */
export const UNDESCRIBED_KEYS: readonly string[] = keys(
  'features.web_search skills.include_instructions tools.update_plan.enabled tools.experimental_request_user_input',
);
