import type { EngineAdapter } from './adapter.ts';

/** Any server of OpenAI's API: nothing but what that says is asked of it. */
export const openai: EngineAdapter = {
  backend: 'openai',
  hintEdits: () => ({}),
  tellsTokenIds: false,
};
