"""The peer: Django Channels on uvicorn, a group of consumers on its in-memory layer.

python -m bench.peers.channels_group DIR
"""

import asyncio
from typing import Any

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

from bench.peers.on_uvicorn import serve
from bench.server import Json, raise_file_limit
from bench.wire import marked

GROUP = "bench"
LAYER = {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}


class Listener(AsyncWebsocketConsumer):  # type: ignore[misc]
    groups = [GROUP]  # noqa: RUF012 - Channels asks for it

    async def said(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


async def publish(topic: str, count: int, size: int) -> Json:
    layer, text = get_channel_layer(), marked(size)
    for _ in range(count):
        await layer.group_send(GROUP, {"type": "said", "text": text})
    return {}


if __name__ == "__main__":
    raise_file_limit()
    settings.configure(CHANNEL_LAYERS={"default": LAYER}, SECRET_KEY=GROUP, ALLOWED_HOSTS=["*"])
    django.setup()
    asyncio.run(serve(ProtocolTypeRouter({"websocket": Listener.as_asgi()}), publish))
