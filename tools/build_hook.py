"""The build hook of hatch: the wheel gets the rules that ship in checked form too.

They are loaded from this checkout, all checks included, so a wheel with rules that do not load is
not built. `crampdx.knowledge.loading.stored` reads what is made here.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CheckedRulesHook(BuildHookInterface[Any]):
    """Adds the checked rules of every stack of packs that is likely to be loaded."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the files and name them to hatch; a checkout that is used in place has none.

        Args:
            version: The kind of wheel: `standard` or `editable`.
            build_data: What hatch is to add to the wheel.
        """
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        from crampdx.knowledge import DEFAULT_PACKS, KnowledgeBase, builtin_packs
        from crampdx.knowledge.loading import stored
        from crampdx.knowledge.pack_stacks import with_required

        folder = Path(self.root) / "build" / stored.SHIPPED
        shutil.rmtree(folder, ignore_errors=True)
        stacks = {DEFAULT_PACKS, *(with_required(pack) for pack in builtin_packs())}
        for packs in sorted(stacks, key=str):
            path = stored.store(KnowledgeBase.load(*packs), packs, folder)
            build_data["force_include"][str(path)] = f"crampdx/rules/{stored.SHIPPED}/{path.name}"
