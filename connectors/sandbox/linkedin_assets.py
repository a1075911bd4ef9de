"""Images, documents and videos of the sandbox's LinkedIn: initialize, upload, finalize, process."""

from __future__ import annotations

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.linkedin_desk import Desk, error
from models.domain.connection import Vendor

PART_BYTES = 4 * 1024 * 1024
VIDEO_BYTES = range(75_000, 500_000_001)
PROCESSING_POLLS = 2
"""How often a video is asked for before it is available."""
_NAMES = {"images": "image", "documents": "document", "videos": "video"}


class AssetDesk:
    """Assets by URN: owner, status, the parts that arrived, and the SHA-256 of the whole."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def kept(self) -> dict[str, dict[str, Any]]:
        return self._desk.world.objects(Vendor.LINKEDIN, "asset")

    def routes(self) -> list[Route]:
        found = [Route("/dms-uploads/{urn}/{part:int}", self._put, methods=["PUT"])]
        for resource in _NAMES:
            found.append(Route(f"/rest/{resource}", self._desk.guarded(self._act), methods=["POST"], name=resource))
            found.append(Route(f"/rest/{resource}/{{urn}}", self._desk.guarded(self._get), methods=["GET"]))
        return found

    async def _act(self, request: Request) -> Response:
        resource = request.url.path.rpartition("/")[2]
        try:
            body = await request.json()
        except ValueError:
            return error(400, "INVALID_REQUEST", "The body is no JSON")
        match request.query_params.get("action"):
            case "initializeUpload":
                return self._initialize(request, resource, body.get("initializeUploadRequest") or {})
            case "finalizeUpload" if resource == "videos":
                return self._finalize(body.get("finalizeUploadRequest") or {})
        return error(400, "ILLEGAL_ARGUMENT", "No such action")

    def _initialize(self, request: Request, resource: str, wanted: dict[str, Any]) -> Response:
        if wanted.get("owner") != self._desk.urn:
            return error(403, "ACCESS_DENIED", "Not enough permissions to upload for this owner", 100)
        size = wanted.get("fileSizeBytes")
        if resource == "videos" and size not in VIDEO_BYTES:
            return error(400, "INVALID_VALUE_FOR_FIELD", "fileSizeBytes must be between 75 KB and 500 MB")
        name = _NAMES[resource]
        number = self._desk.world.next_number()
        urn = f"urn:li:{name}:C4E{number:08d}"
        self.kept[urn] = {"status": "WAITING_UPLOAD", "parts": {}, "size": size, "polls": 0, "sha256": ""}
        address = f"{request.base_url}linkedin/dms-uploads/{urn}"
        expires = int(self._desk.world.clock.now().timestamp() * 1000) + 86_400_000
        if resource != "videos":
            return JSONResponse({"value": {"uploadUrlExpiresAt": expires, "uploadUrl": f"{address}/0", name: urn}})
        assert isinstance(size, int)
        instructions = [
            {"uploadUrl": f"{address}/{part}", "firstByte": first, "lastByte": min(first + PART_BYTES, size) - 1}
            for part, first in enumerate(range(0, size, PART_BYTES))
        ]
        self.kept[urn]["expected"] = len(instructions)
        return JSONResponse({
            "value": {
                "uploadUrlsExpireAt": expires, "video": urn, "uploadInstructions": instructions,
                "uploadToken": f"token-{number}",
            }
        })  # fmt: skip

    async def _put(self, request: Request) -> Response:
        urn, part = request.path_params["urn"], request.path_params["part"]
        asset = self.kept.get(urn)
        if asset is None:
            return Response("The upload has expired", 404)
        is_video = urn.startswith("urn:li:video:")
        if is_video and "authorization" in request.headers:
            return Response("A part is uploaded without the Authorization header", 400)
        if not is_video and (refusal := self._desk.token_refusal(request)):
            return refusal
        content = await request.body()
        if not content:
            return Response("Nothing was uploaded", 400)
        asset["parts"][part] = content
        if not is_video:
            self._complete(asset)
            return Response(status_code=201)
        return Response(status_code=200, headers={"ETag": f'"{_etag(content)}"'})

    def _finalize(self, wanted: dict[str, Any]) -> Response:
        asset = self.kept.get(str(wanted.get("video")))
        if asset is None:
            return error(404, "NOT_FOUND", "No such video")
        if asset["status"] != "WAITING_UPLOAD":
            return error(400, "INVALID_VALUE_FOR_FIELD", "The video was finalized before")
        etags = [_etag(content) for _, content in sorted(asset["parts"].items())]
        if wanted.get("uploadedPartIds") != etags or len(etags) != asset["expected"]:
            return error(400, "INVALID_VALUE_FOR_FIELD", "uploadedPartIds do not name the parts in order")
        whole = sum(len(content) for content in asset["parts"].values())
        self._complete(asset)
        asset["status"] = "PROCESSING" if whole == asset["size"] else "PROCESSING_FAILED"
        return Response(status_code=200)

    async def _get(self, request: Request) -> Response:
        urn = request.path_params["urn"]
        asset = self.kept.get(urn)
        if asset is None:
            return error(404, "NOT_FOUND", "No such asset")
        if asset["status"] == "PROCESSING":
            asset["polls"] += 1
            if asset["polls"] > PROCESSING_POLLS:
                asset["status"] = "AVAILABLE"
        return JSONResponse({"id": urn, "owner": self._desk.urn, "status": asset["status"]})

    @staticmethod
    def _complete(asset: dict[str, Any]) -> None:
        """Keeps the hash of the whole file instead of its bytes."""
        content = b"".join(part for _, part in sorted(asset["parts"].items()))
        asset.update(status="AVAILABLE", sha256=hashlib.sha256(content).hexdigest(), parts={})


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
