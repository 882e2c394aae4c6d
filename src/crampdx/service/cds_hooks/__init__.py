"""CDS Hooks 2.0: discovery, the call of a service, and feedback.

`router` gives the three routes. They read `app.state.assessor`, `.settings`, `.feedback` (see
`feedback_store`), `.audit` and `.today`, a function that gives the day.
"""

from crampdx.service.cds_hooks.feedback import FeedbackStore, feedback_store
from crampdx.service.cds_hooks.routes import router

__all__ = ["FeedbackStore", "feedback_store", "router"]
