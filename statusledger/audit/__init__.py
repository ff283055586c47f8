"""The git history of the ledger -> what an outsider can prove about it: a finding per check, a line per breach.

Nothing but commits is trusted: neither the work tree nor the index is read. What is not visible from a clone is history
that was replaced as a whole before it was cloned (an amended commit, a forced push); an earlier audit's commit shows
it, because it is then no longer part of the history (`--since`).
"""

from statusledger.audit.clone import open_past
from statusledger.audit.findings import Breach, Finding
from statusledger.audit.ledger import Private, audit_ledger
from statusledger.audit.past import Past
from statusledger.audit.site import Rebuild, audit_site

__all__ = ["Breach", "Finding", "Past", "Private", "Rebuild", "audit_ledger", "audit_site", "open_past"]
