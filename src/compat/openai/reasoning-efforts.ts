/** All that an entry of the engine's catalogue may list (0.169.0); which of them a model takes, its entry says. */
export const REASONING_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'] as const;
