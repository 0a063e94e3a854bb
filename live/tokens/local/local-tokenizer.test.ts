import { rmSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type TinyTokenizerOptions, writeTinyTokenizer } from '#test/support/tiny-tokenizer.ts';
import { LocalTokenizer } from './local-tokenizer.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function open(options: TinyTokenizerOptions = {}, cacheBytes = 1e6) {
  const { folder, id } = writeTinyTokenizer(options);
  folders.push(folder);
  const tokenizer = new LocalTokenizer({ folder, blockSize: 4, cacheBytes });
  const text = (prompt: string, more = {}) =>
    [...tokenizer.tokens({ route: 'completions', body: { prompt, ...more } })![0]!] as number[];
  const chat = (body: object) => {
    const tokens = tokenizer.tokens({ route: 'chat', body: body as Record<string, unknown> });
    return tokens && [...tokens[0]!];
  };
  return { tokenizer, id, text, chat };
}

const bytes = (text: string): number[] => [...Buffer.from(text)];
const user = (content: unknown) => ({ role: 'user', content });

test('bytes, merges and special tokens are what the vocabulary says', () => {
  const { text, id } = open();
  expect(text('hello')).toEqual([id('hello')]);
  expect(text('é')).toEqual([0xc3, 0xa9]);
  expect(text('hello wo<|im_end|>x')).toEqual([
    id('hello'),
    id('Ġw'),
    ...bytes('o'),
    id('<|im_end|>'),
    ...bytes('x'),
  ]);
});

test('what stands before every prompt does so for text, and for chats where it is asked', () => {
  const { text, chat, id } = open({ bos: true });
  const bos = id('<|endoftext|>');
  expect(text('ab')).toEqual([bos, ...bytes('ab')]);
  expect(text('ab', { add_special_tokens: false })).toEqual(bytes('ab'));
  expect(chat({ messages: [user('ab')] })![0]).toBe(id('<|im_start|>'));
  expect(chat({ messages: [user('ab')], add_special_tokens: true })![0]).toBe(bos);
});

test('a chat is its template, filled in', () => {
  const { chat, id } = open();
  const [start, end] = [id('<|im_start|>'), id('<|im_end|>')];
  const turn = [start, ...bytes('user\nab'), end, ...bytes('\n')];
  const messages = [user('ab')];
  const generation = [start, ...bytes('assistant\n')];
  expect(chat({ messages })).toEqual([...turn, ...generation]);
  expect(chat({ messages, add_generation_prompt: false })).toEqual(turn);
  const parts = [
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
  ];
  expect(chat({ messages: [user(parts)] })).toEqual(chat({ messages: [user('a\nb')] }));
});

test('tools come first, and the arguments of a call are JSON again', () => {
  const { chat, id } = open();
  const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
  const call = { type: 'function', id: 'c', function: { name: 'f', arguments: '{"a": 1}' } };
  const messages = [{ role: 'assistant', content: null, tool_calls: [call] }];
  const tokens = chat({ messages, tools: [tool], add_generation_prompt: false })!;
  const [start, end] = [id('<|im_start|>'), id('<|im_end|>')];
  const written =
    '{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}\n';
  expect(tokens).toEqual([
    start,
    ...bytes(`system\n${written}`),
    end,
    ...bytes('\n'),
    start,
    ...bytes('assistant\n{"a": 1}'),
    end,
    ...bytes('\n'),
  ]);
});

test.each([
  ['an image', { messages: [user([{ type: 'image_url', image_url: { url: 'x' } }])] }],
  ['a template of its own', { messages: [user('a')], chat_template: '{{ 1 }}' }],
  ['a message to be continued', { messages: [user('a')], continue_final_message: true }],
  ['no messages', {}],
])('what only the engine can tell is left to it: %s', (_, body) => {
  expect(open().chat(body)).toBeUndefined();
});

test('a template that walks over parts is given parts; one that refuses leaves it to the engine', () => {
  const walks =
    '{% for m in messages %}{% for p in m.content %}{{ p.text }};{% endfor %}{% endfor %}';
  expect(open({ templateFile: walks }).chat({ messages: [user('ab')] })).toEqual(bytes('ab;'));
  const refuses = "{{ raise_exception('roles must alternate') }}";
  expect(open({ templateFile: refuses }).chat({ messages: [user('ab')] })).toBeUndefined();
});

test('what is remembered, and how much, changes no token', () => {
  const word = fc.constantFrom(
    'hello',
    ' w',
    '<|im_start|>',
    '<|im_end|>',
    'é',
    '\n',
    'Ⅻ',
    '🜁',
    '',
  );
  const texts = fc.array(fc.array(word, { maxLength: 12 }), { minLength: 2, maxLength: 6 });
  const whole = open({}, 0);
  const tight = open({}, 60);
  const roomy = open();
  fc.assert(
    fc.property(texts, (drawn) => {
      for (const words of drawn) {
        const text = words.join('');
        expect(tight.text(text)).toEqual(whole.text(text));
        expect(roomy.text(text)).toEqual(whole.text(text));
      }
    }),
    { numRuns: 60 },
  );
});

test('blocks are those of the tokens, of the first prompt; tokens are counted over all', () => {
  const { tokenizer } = open();
  const blocks = tokenizer.read({
    route: 'completions',
    body: { prompt: ['\u0001\u0002\u0003\u0004', 'xyz'] },
    salt: {},
  });
  // Dynamo's own vector for the tokens 1, 2, 3, 4.
  expect(blocks?.inputTokens).toBe(7);
  expect(Array.from(blocks!.hashes)).toEqual([14643705804678351452n]);
});
