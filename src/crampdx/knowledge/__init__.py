"""Rule files and the knowledge base that is made of them."""

from crampdx.knowledge.base import KnowledgeBase, Place, Replacement
from crampdx.knowledge.loading.assembly import DEFAULT_PACKS, builtin_packs

__all__ = ["DEFAULT_PACKS", "KnowledgeBase", "Place", "Replacement", "builtin_packs"]
