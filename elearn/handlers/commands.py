"""`POST /api/commands`: any socket command, for clients without a socket."""

from elearn.errors import BadRequest, ClientError
from elearn.handlers.base import BaseHandler
from elearn.wire import protocol
from elearn.ws.commands import table


class CommandsHandler(BaseHandler):
    """The reply body of the socket, with the status of its error."""

    public = True

    async def post(self) -> None:
        body = self.json_body()
        try:
            command = protocol.command_from({"ref": None, **body})
            spec = table.find_command(command, None)
            key = command.key or self.request.headers.get("Idempotency-Key") or None
            if key is not None and not protocol.is_key(key):
                raise BadRequest("Idempotency-Key is a text of 1 to 64 characters.", field="key")
            table.require_key(spec, key)
            caller = table.Caller(self.services, self.user, None, key, table.digest_for(command))
            answer = await table.run_command(spec, caller, command.args)
        except ClientError as error:
            self.send_json(protocol.error_body(body.get("ref"), error), error.status)
            return
        self.send_json(protocol.reply_body(command.ref, answer.result, duplicate=answer.duplicate))


ROUTES = [(r"/api/commands", CommandsHandler)]
