import { Template } from '@huggingface/jinja';
import type { TokenizerFiles } from './tokenizer-files.ts';

type Json = Readonly<Record<string, unknown>>;

/** Keys of `tokenizer_config.json` that templates know by the same name. */
const SPECIAL_TOKENS = [
  'bos_token',
  'eos_token',
  'pad_token',
  'unk_token',
  'sep_token',
  'cls_token',
];

/**
 * The text that a model is given for a conversation: its chat template, filled in as vLLM does it.
 * Undefined where only the engine can know: without a template, with content that is no text, with a
 * template of the request's own, or where the template refuses the conversation.
 */
export class ChatTemplate {
  readonly #templates: ReadonlyMap<string, { template: Template; wantsParts: boolean }>;
  readonly #specialTokens: Json;

  /** Throws what the template's parser throws. */
  constructor({ templates, config }: TokenizerFiles) {
    this.#templates = new Map(
      [...templates].map(([name, text]) => [
        name,
        { template: new Template(text), wantsParts: iteratesContent(text) },
      ]),
    );
    this.#specialTokens = Object.fromEntries(
      SPECIAL_TOKENS.flatMap((key) => {
        const text = tokenText(config[key]);
        return text === undefined ? [] : [[key, text]];
      }),
    );
  }

  /** @param body of a request to `/v1/chat/completions`. */
  render(body: Json): string | undefined {
    const hasTools = Array.isArray(body.tools) && body.tools.length > 0;
    const chosen =
      (hasTools ? this.#templates.get('tool_use') : undefined) ?? this.#templates.get('default');
    if (
      chosen === undefined ||
      body.chat_template != null ||
      body.continue_final_message === true
    ) {
      return undefined;
    }
    const messages = messagesOf(body.messages, chosen.wantsParts);
    if (messages === undefined) return undefined;
    try {
      return chosen.template.render({
        ...this.#specialTokens,
        messages,
        ...(hasTools && { tools: body.tools }),
        ...(body.documents !== undefined && { documents: body.documents }),
        add_generation_prompt: body.add_generation_prompt ?? true,
        ...(body.chat_template_kwargs as Json | undefined),
      });
    } catch {
      return undefined;
    }
  }
}

/** A special token stands there as text, or with its properties. */
function tokenText(token: unknown): string | undefined {
  const text = typeof token === 'object' && token !== null ? (token as Json).content : token;
  return typeof text === 'string' ? text : undefined;
}

/** Whether a template walks over the parts of a message; others are given its text. */
function iteratesContent(template: string): boolean {
  return /\bin\s+\w+(\.content|\[['"]content['"]\])/.test(template);
}

function messagesOf(messages: unknown, wantsParts: boolean): Json[] | undefined {
  if (!Array.isArray(messages)) return undefined;
  const rendered: Json[] = [];
  for (const message of messages as unknown[]) {
    if (typeof message !== 'object' || message === null) return undefined;
    const known = message as Json;
    const content = contentOf(known.content, wantsParts);
    if (content === undefined) return undefined;
    rendered.push({
      ...known,
      content,
      ...(Array.isArray(known.tool_calls) && { tool_calls: known.tool_calls.map(parsedCall) }),
    });
  }
  return rendered;
}

/** Content as the template wants it, empty where there is none; undefined where it is no text. */
function contentOf(content: unknown, wantsParts: boolean): unknown {
  if (content === null || content === undefined) return wantsParts ? [] : '';
  if (typeof content === 'string') return wantsParts ? [{ type: 'text', text: content }] : content;
  if (!Array.isArray(content)) return undefined;
  const texts = (content as Json[]).map((part) => (part?.type === 'text' ? part.text : undefined));
  if (texts.some((text) => typeof text !== 'string')) return undefined;
  return wantsParts ? texts.map((text) => ({ type: 'text', text })) : texts.join('\n');
}

/** Arguments come as JSON in a string; templates write them as JSON themselves. */
function parsedCall(call: unknown): unknown {
  const { function: called } = (call ?? {}) as { function?: Json };
  if (typeof called?.arguments !== 'string') return call;
  try {
    return { ...(call as Json), function: { ...called, arguments: JSON.parse(called.arguments) } };
  } catch {
    return call;
  }
}
