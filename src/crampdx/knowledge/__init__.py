"""Rule files and the knowledge base that is made of them."""

from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.folders import DEFAULT_PACKS, builtin_packs
from crampdx.knowledge.models import Replacement
from crampdx.knowledge.places import Place

__all__ = ["DEFAULT_PACKS", "KnowledgeBase", "Place", "Replacement", "builtin_packs"]
