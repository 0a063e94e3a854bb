"""The KV-event publisher of a released engine, without the engine: its own structs, encoder and sockets.

    released_publisher.py KV_EVENTS_PY EVENTS_ADDRESS REPLAY_ADDRESS

Reads one list of events a line as JSON, publishes it as one batch, and answers with a line. What the
file imports of its engine besides is replaced by stand-ins that do nothing.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import json
import sys
import types


def ignore(*_args, **_kwargs):
    return types.SimpleNamespace(**{level: ignore_call for level in LEVELS})


def ignore_call(*_args, **_kwargs):
    return None


LEVELS = ("debug", "info", "warning", "error", "exception", "info_once", "warning_once")
REAL = {"ExternalBlockHash": int | bytes, "get_ip": lambda: "127.0.0.1"}


class StandIn(types.ModuleType):
    """A module that has whatever is asked of it."""

    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name in REAL:
            return REAL[name]
        return type(name, (), {"__init__": ignore_call}) if name[0].isupper() else ignore


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Brings a stand-in for every module of the engines."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in ("vllm", "sglang"):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


def load(path):
    sys.meta_path.insert(0, StandIns())
    spec = importlib.util.spec_from_file_location("released_kv_events", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def make(cls, given):
    """An event of this release from what it knows of the given fields; what it needs besides is None."""
    names = cls.__struct_fields__
    required = names[: len(names) - len(cls.__struct_defaults__)]
    fields = {name: None for name in required}
    return cls(**(fields | {name: value for name, value in given.items() if name in names}))


def main(path, address, replay):
    engine = load(path)
    kinds = {name: getattr(engine, name) for name in ("BlockStored", "BlockRemoved", "AllBlocksCleared")}
    accepted = inspect.signature(engine.ZmqEventPublisher.__init__).parameters
    rank = {name: 0 for name in ("data_parallel_rank", "attn_dp_rank") if name in accepted}
    publisher = engine.ZmqEventPublisher(**rank, endpoint=address, replay_endpoint=replay)
    print("ready", flush=True)
    for line in sys.stdin:
        events = [make(kinds[event.pop("type")], event) for event in json.loads(line)]
        publisher.publish(engine.KVEventBatch(ts=__import__("time").time(), events=events))
        print("published", flush=True)
    publisher.shutdown()


main(*sys.argv[1:])
