"""The official OpenAI client of PyPI against a router: chats, streams, tools, embeddings, refusals.

    openai_client.py BASE_URL BASE_URL_OF_TOOLS

Prints one line of JSON for each thing it tried, as the client understood it.
"""

import json
import sys

from openai import APIStatusError, OpenAI

base, tools_base = sys.argv[1:]
client = OpenAI(base_url=base, api_key="none", max_retries=0)
MESSAGES = [{"role": "user", "content": "which worker?"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def say(what, **found):
    print(json.dumps({"what": what} | found), flush=True)


def chat_and_stream():
    asked = dict(model="tiny", messages=MESSAGES, max_tokens=6)
    whole = client.chat.completions.create(**asked)
    text, usage = "", None
    stream = client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    for chunk in stream:
        if chunk.choices:
            text += chunk.choices[0].delta.content or ""
        usage = chunk.usage or usage
    same = text == whole.choices[0].message.content
    say("chat", tokens=whole.usage.completion_tokens, streamed=usage.completion_tokens, same=same)


def completions():
    answer = client.completions.create(model="tiny", prompt=[[1, 2, 3], [4, 5]], max_tokens=4)
    say("completions", choices=len(answer.choices), tokens=answer.usage.completion_tokens)


def tools():
    stream = OpenAI(base_url=tools_base, api_key="none").chat.completions.stream(
        model="tiny", messages=MESSAGES, tools=[WEATHER]
    )
    with stream as events:
        message = events.get_final_completion().choices[0].message
    call = message.tool_calls[0].function
    say("tools", name=call.name, arguments=json.loads(call.arguments))


def embeddings():
    answer = client.embeddings.create(model="tiny", input=["hello", "world"])
    lengths = {len(one.embedding) for one in answer.data}
    say("embeddings", count=len(answer.data), alike=len(lengths) == 1, tokens=answer.usage.prompt_tokens > 0)


def refusals():
    for name, call in {
        "unknown model": lambda: client.chat.completions.create(model="nobody", messages=MESSAGES),
        "wrong type": lambda: client.completions.create(model="tiny", prompt="x", max_tokens="many"),
        "too long": lambda: client.completions.create(model="tiny", prompt=[300] * 20_000),
        "unknown pin": lambda: client.completions.create(
            model="tiny", prompt="x", extra_body={"nvext": {"backend_instance_id": 99}}
        ),
    }.items():
        try:
            call()
            say(name, status=200)
        except APIStatusError as error:
            say(name, error=type(error).__name__, status=error.status_code, told=bool(error.body.get("message")))


def leaving():
    stream = client.completions.create(model="tiny", prompt="x", max_tokens=4000, stream=True)
    next(iter(stream))
    stream.close()
    say("leaving", left=True)


say("models", ids=[model.id for model in client.models.list()])
for attempt in (chat_and_stream, completions, tools, embeddings, refusals, leaving):
    attempt()
