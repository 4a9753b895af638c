"""A HAR as Chrome exports it, made of what the protocol of its developer tools tells about WebSockets."""
import datetime


def header_list(headers):
    # A header that came several times is one with several lines.
    return [{"name": name, "value": part} for name, value in headers.items() for part in value.split("\n")]


def har(events):
    requests = {}
    for event in events:
        name, params = event["method"], event["params"]
        if name == "Network.webSocketCreated":
            requests[params["requestId"]] = {"created": params, "messages": []}
        request = requests.get(params.get("requestId"))
        if request is None or not name.startswith("Network.webSocket"):
            continue
        if name == "Network.webSocketWillSendHandshakeRequest":
            request |= {"sent": params, "offset": params["wallTime"] - params["timestamp"]}
        elif name == "Network.webSocketHandshakeResponseReceived":
            request["response"] = params["response"]
        elif name in ("Network.webSocketFrameSent", "Network.webSocketFrameReceived"):
            frame = params["response"]
            request["messages"].append({
                "type": "send" if name.endswith("Sent") else "receive",
                "time": params["timestamp"] + request["offset"],
                "opcode": frame["opcode"], "data": frame["payloadData"],
            })
        elif name == "Network.webSocketFrameError":
            request["messages"].append({
                "type": "error", "time": params["timestamp"] + request["offset"], "opcode": -1, "data": params["errorMessage"],
            })
    entries = [entry(request) for request in requests.values()]
    return {"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "pages": [], "entries": entries}}


def entry(request):
    sent, response = request["sent"], request.get("response")
    started = datetime.datetime.fromtimestamp(sent["wallTime"], datetime.timezone.utc)
    headers = (response or {}).get("requestHeaders") or sent["request"]["headers"]
    return {
        "_initiator": {"type": "script"},
        "_priority": None,
        "_resourceType": "websocket",
        "_webSocketMessages": request["messages"],
        "cache": {},
        "request": {
            "method": "GET", "url": request["created"]["url"].split("#")[0], "httpVersion": "HTTP/1.1",
            "headers": header_list(headers), "queryString": [], "cookies": [],
            "headersSize": len((response or {}).get("requestHeadersText", "")) or -1, "bodySize": 0,
        },
        "response": {
            "status": response["status"] if response else 0, "statusText": response["statusText"] if response else "",
            "httpVersion": "HTTP/1.1" if response else "", "headers": header_list(response["headers"]) if response else [],
            "cookies": [], "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "",
            "headersSize": len(response.get("headersText", "")) or -1 if response else -1, "bodySize": -1,
            "_transferSize": 0, "_error": None,
        },
        "serverIPAddress": "",
        "startedDateTime": started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": 1.5,
        "timings": {"blocked": 1.5, "dns": -1, "ssl": -1, "connect": -1, "send": 0, "wait": 0, "receive": 0, "_blocked_queueing": -1},
    }
