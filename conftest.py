"""What pytest passes over: the module on durable_rules where this Python cannot import that."""

from __future__ import annotations

from importlib import import_module

collect_ignore: list[str] = []
try:
    import_module("durable_rules_engine")
except ImportError:
    collect_ignore.append("src/crampdx/engine/evaluators/durable.py")
