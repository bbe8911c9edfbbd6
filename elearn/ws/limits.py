"""The figures of one connection; tests turn them down."""

from dataclasses import dataclass

from elearn.delivery.outbox import OUTBOX_BYTES


@dataclass(frozen=True)
class Limits:
    ping_s: float = 25.0
    pong_s: float = 8.0
    auth_s: float = 10.0
    expiry_notice_s: float = 60.0
    expiry_grace_s: float = 25.0
    session_check_s: float = 60.0
    close_grace_s: float = 5.0
    command_s: float = 10.0
    waiting_commands: int = 256
    started_commands: int = 32
    subscriptions: int = 128
    strangers_per_address: int = 100
    malformed_per_minute: int = 10
    windows_over_limit: int = 3
    outbox_bytes: int = OUTBOX_BYTES
    poll_s: float = 25.0
    poll_gather_s: float = 0.05
    poll_linger_s: float = 20.0
