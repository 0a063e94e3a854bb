import { encode, IM_END, IM_START } from './tokenizer.ts';

/** One message of a chat, as far as the template reads it. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/**
 * Tokens of a chat, in the form that Qwen's models call ChatML: each message between marks, and, where
 * an answer is asked for, the beginning of the assistant's. What a message says cannot forge a mark.
 */
export function chatTokens(
  messages: readonly ChatMessage[],
  { tools, addGenerationPrompt = true }: { tools?: unknown; addGenerationPrompt?: boolean } = {},
): number[] {
  const tokens: number[] = [];
  const push = (role: string, content: string): void => {
    tokens.push(IM_START, ...encode(`${role}\n`));
    for (const token of encode(content, false)) tokens.push(token);
    tokens.push(IM_END, ...encode('\n'));
  };
  if (tools !== undefined && tools !== null) push('tools', JSON.stringify(tools));
  for (const { role, content } of messages) push(role, content);
  if (addGenerationPrompt) tokens.push(IM_START, ...encode('assistant\n'));
  return tokens;
}
