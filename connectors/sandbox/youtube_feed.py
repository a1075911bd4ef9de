"""The public feed of a channel: Atom with the counts of `media:community`, the last 15 videos.

The brand's own channel, and one competitor's: made up from the seed, a video every four days. `playlist_id` takes the
uploads (`UU…`), the long videos (`UULF…`) and the shorts (`UUSH…`) of a channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox import audience
from connectors.sandbox.phrases import COMPETITOR_ARTICLES
from connectors.sandbox.sample import RSS_COMPETITOR
from connectors.sandbox.world import World, make_id
from connectors.sandbox.youtube_videos import privacy
from models.domain.connection import Vendor

COMPETITOR = "UCnorthlightOutfitters00"
LAST = 15
EVERY = timedelta(days=4)


@dataclass(frozen=True)
class Item:
    id: str
    title: str
    text: str
    kind: str
    published_at: datetime
    views: int
    likes: int


async def feed(world: World, request: Request) -> Response:
    channel, kind = request.query_params.get("channel_id", ""), None
    if playlist := request.query_params.get("playlist_id"):
        kinds = {"UULF": "video", "UUSH": "short"}
        kind = kinds.get(playlist[:4])
        channel = f"UC{playlist[4:] if kind else playlist[2:]}"
    own = world.accounts[Vendor.YOUTUBE]
    if channel == own.id:
        name, items = own.name, _own(world)
    elif channel == COMPETITOR:
        name, items = RSS_COMPETITOR, _competitor(world)
    else:
        return Response("<html><title>Error 404 (Not Found)</title></html>", 404, media_type="text/html")
    shown = [item for item in items if kind in (None, item.kind)][:LAST]
    return Response(_atom(channel, name, shown), media_type="text/xml")


def _own(world: World) -> Iterator[Item]:
    for post in world.between(Vendor.YOUTUBE, None):
        if privacy(world, post) == "public":
            numbers = world.readings(post)
            yield Item(
                post.id,
                post.title,
                post.text,
                post.kind,
                post.published_at,
                int(numbers["views"]),
                int(numbers["reactions"]),
            )


def _competitor(world: World) -> Iterator[Item]:
    """Newest first, from the last due one back to 180 days before the epoch."""
    begin = world.epoch - timedelta(days=180)
    for number in range((world.clock.now() - begin) // EVERY, -1, -1):
        at = begin + number * EVERY
        video_id = make_id(Vendor.YOUTUBE, at, 900_000 + number)
        title, _, text = COMPETITOR_ARTICLES[number % len(COMPETITOR_ARTICLES)]
        kind = "short" if number % 3 == 0 else "video"
        level = audience.draw(world.seed, Vendor.YOUTUBE, video_id, title, kind, at, 0)
        numbers = audience.readings(level, at, world.clock.now())
        yield Item(
            video_id,
            title,
            text,
            kind,
            at,
            int(numbers["views"]),
            int(numbers["reactions"]),
        )


def _atom(channel: str, name: str, items: list[Item]) -> str:
    link = f"https://www.youtube.com/channel/{channel}"
    begun = "2019-04-01T08:00:00+00:00"
    entries = "\n".join(_entry(channel, name, item) for item in items)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
 <link rel="self" href="http://www.youtube.com/feeds/videos.xml?channel_id={channel}"/>
 <id>yt:channel:{channel[2:]}</id>
 <yt:channelId>{channel[2:]}</yt:channelId>
 <title>{escape(name)}</title>
 <link rel="alternate" href="{link}"/>
 <author>
  <name>{escape(name)}</name>
  <uri>{link}</uri>
 </author>
 <published>{begun}</published>
{entries}
</feed>
"""


def _entry(channel: str, name: str, item: Item) -> str:
    at = item.published_at.isoformat(timespec="seconds")
    url = f"https://www.youtube.com/{'shorts/' if item.kind == 'short' else 'watch?v='}{item.id}"
    return f""" <entry>
  <id>yt:video:{item.id}</id>
  <yt:videoId>{item.id}</yt:videoId>
  <yt:channelId>{channel}</yt:channelId>
  <title>{escape(item.title)}</title>
  <link rel="alternate" href={quoteattr(url)}/>
  <author>
   <name>{escape(name)}</name>
   <uri>https://www.youtube.com/channel/{channel}</uri>
  </author>
  <published>{at}</published>
  <updated>{at}</updated>
  <media:group>
   <media:title>{escape(item.title)}</media:title>
   <media:content url="https://www.youtube.com/v/{item.id}?version=3" type="application/x-shockwave-flash" width="640" height="390"/>
   <media:thumbnail url="https://i2.ytimg.com/vi/{item.id}/hqdefault.jpg" width="480" height="360"/>
   <media:description>{escape(item.text)}</media:description>
   <media:community>
    <media:starRating count="{item.likes}" average="5.00" min="1" max="5"/>
    <media:statistics views="{item.views}"/>
   </media:community>
  </media:group>
 </entry>"""
