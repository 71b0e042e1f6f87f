import { type Payload } from '../core/engine/engine.js';
import { type ThreadOptions } from '../core/engine/options.js';
import { type OperatorConfig } from './start/operator-config.js';

/**
 * What makes a bare model out of the agent (measured with 0.169.0): no environment, none of its tools that act, none of
 * its own words to the model. `request_user_input` stays, and what a model's entry in the engine's catalogue demands:
 * `apply_patch` of gpt-5.5 (without an environment it has nothing to work on), `exec` and the collaboration tools of gpt-6.x.
 */
const MODEL_MODE_CONFIG: Payload = {
  'features.shell_tool': false,
  'features.unified_exec': false,
  'features.view_image': false,
  'features.goals': false,
  'features.multi_agent': false,
  'features.multi_agent_v2': false,
  'features.apps': false,
  'features.plugins': false,
  'features.sleep_tool': false,
  'features.image_generation': false,
  'features.memories': false,
  'features.hooks': false,
  'features.skill_search': false,
  'features.tool_suggest': false,
  notify: [],
  // The engine takes its own words for an empty text.
  compact_prompt: '',
  web_search: 'disabled',
  include_permissions_instructions: false,
  include_apps_instructions: false,
  include_environment_context: false,
  include_collaboration_mode_instructions: false,
  'skills.include_instructions': false,
  'skills.bundled.enabled': false,
  project_doc_max_bytes: 0,
};

/**
 * The options of a thread that is asked for in model mode; what its caller set stays. A server, a feature or a skill that the
 * operator has can only be switched off by its name.
 */
export function toModelMode(options: ThreadOptions, operator: OperatorConfig): ThreadOptions {
  const { mcpServers, features, skills } = operator;
  const servers = Object.fromEntries(mcpServers.map((name) => [name, { enabled: false }]));
  return {
    base_instructions: '',
    developer_instructions: '',
    ...options,
    environments: [],
    config: {
      ...Object.fromEntries(features.map((name) => [`features.${name}`, false])),
      ...MODEL_MODE_CONFIG,
      ...(mcpServers.length === 0 ? {} : { mcp_servers: servers }),
      'skills.config': skills.map((name) => ({ name, enabled: false })),
      ...(options.config as Payload | undefined),
    },
  };
}
