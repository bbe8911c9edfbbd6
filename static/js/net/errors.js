/** Why a command was not done, in the server's own words where it spoke. */
export class CommandError extends Error {
  /** @param {{code: string, status?: number, message?: string, field?: string, retry_after_ms?: number}} error */
  constructor({ code, status = 0, message = code, field = null, retry_after_ms = null }) {
    super(message);
    this.name = "CommandError";
    this.code = code;
    this.status = status;
    this.field = field;
    this.retry_after_ms = retry_after_ms;
  }
}

export const timed_out = () =>
  new CommandError({ code: "timeout", status: 504, message: "The server did not answer in time." });
export const cancelled = () => new CommandError({ code: "cancelled", message: "Cancelled." });
/** The line that the command belonged to is gone. */
export const cut = () => new CommandError({ code: "cut", message: "The connection was cut." });
