"""Who is calling, and what they may do.

Here live the two kinds of credentials (API keys, tokens of an identity provider), the caller they
prove, and the refusals. Which door asks for which scope stands in `chassis.routes`; how much a
caller may ask for is in `chassis.limits`.
"""

from .caller import Caller, Pseudonyms, require_scope
from .refusals import Refused

__all__ = ["Caller", "Pseudonyms", "Refused", "require_scope"]
