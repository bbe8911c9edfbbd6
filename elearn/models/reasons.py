"""Why a MongoDB is not to be had, in one line that names the cause and what to do."""

import re

from pymongo.errors import OperationFailure, PyMongoError

# Of its answers, by code.
_WRONG_PASSWORD = (
    "refuses the user name or the password: look at ELEARN_MONGODB_URI (and at authSource, if the"
    " user was made in another database)"
)
_REFUSALS = {
    11: _WRONG_PASSWORD,
    18: _WRONG_PASSWORD,
    8000: _WRONG_PASSWORD,
    11000: "holds documents that collide with a unique index: is the database another program's?",
    85: "has an index of elearn's under another name: drop it",
    86: "has an index with the name of one of elearn's, and of another kind: drop it",
}
# Of what the driver says when nobody answers, in the order in which they are looked for.
_SIGNS = (
    (
        r"Name or service not known|nodename nor servname|No address associated|name resolution"
        r"|DNS query name does not exist",
        "has a name that is not in DNS: is the host in ELEARN_MONGODB_URI spelt right?",
    ),
    (r"certificate has expired", "has a certificate that has expired: renew it"),
    (
        r"[Hh]ostname mismatch|IP address mismatch|certificate is not valid for",
        "has a certificate for another name: use that name in ELEARN_MONGODB_URI",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "has a certificate of an authority that is unknown here: name the authority's file by"
        " tlsCAFile in ELEARN_MONGODB_URI",
    ),
    (
        r"SSL handshake failed|\[SSL",
        "does not speak TLS on this port (take tls=true out of ELEARN_MONGODB_URI, or name the port"
        " that does), or wants a client's certificate",
    ),
    (
        r"belongs to a set named|replica set name|No replica set members available",
        "is not of the set that replicaSet in ELEARN_MONGODB_URI names",
    ),
    (r"wire version", "is older than MongoDB 5.0, which is the least that elearn works with"),
    (
        r"connection closed|Connection reset",
        "hangs up at once: if it wants TLS, add tls=true to ELEARN_MONGODB_URI",
    ),
    (
        r"Connection refused",
        "does not answer, nothing listens there: is it running, are host and port right?",
    ),
    (
        r"[Nn]o primary|match selector|No replica set members",
        "has no primary at the moment: does a majority of the set run?",
    ),
)


def reason(error: PyMongoError) -> str:
    """What `MongoDB …` does or is: the rest of a sentence."""
    if isinstance(error, OperationFailure) and error.code not in (None, 50, 64, 91, 11602):
        return _REFUSALS.get(error.code, "") or _refusal(error)
    for sign, said in _SIGNS:
        if re.search(sign, str(error)):
            return said
    return f"does not answer ({type(error).__name__}): is it running?"


def _refusal(error: OperationFailure) -> str:
    said = str((error.details or {}).get("errmsg") or error)
    if error.code != 13:
        return f"refuses what it is asked: {said[:200]}"
    if "requires authentication" in said:
        return "wants a user name and a password in ELEARN_MONGODB_URI"
    command = re.search(r"command:? \{? ?(\w+)", said)
    denied = command.group(1) if command else "what it is asked"
    return f"denies the user {denied}: give the user the role readWrite in elearn's database"
