"""Attempts to reach what is not granted, by the tool and by pages: one test each. Only 127.0.0.1 is granted here."""

import socket

import pytest

from drivers.browser.addresses import admit
from drivers.browser.errors import BrowserError, Refused

from .conftest import Browser

pytestmark = pytest.mark.asyncio(loop_scope="session")

SPELLINGS = {
    "another address of this machine": "http://127.0.0.2:{port}/",
    "decimal": "http://2130706434:{port}/",
    "hex": "http://0x7f000002:{port}/",
    "octal": "http://0177.0.0.2:{port}/",
    "short": "http://127.2:{port}/",
    "IPv6 loopback": "http://[::1]:{port}/",
    "IPv4 in IPv6": "http://[::ffff:127.0.0.2]:{port}/",
    "IPv4 in IPv6 as hex": "http://[::ffff:7f00:2]:{port}/",
    "NAT64": "http://[64:ff9b::7f00:2]:{port}/",
    "a name of this machine": "http://localhost:{port}/",
    "a trailing dot": "http://127.0.0.2.:{port}/",
    "the address of no host": "http://0.0.0.0:{port}/",
    "a user before the host": "http://127.0.0.1@127.0.0.2:{port}/",
    "a backslash": "http://127.0.0.2:{port}\\@127.0.0.1/",
    "without a scheme": "127.0.0.2:{port}/",
    "the clouds' own address": "http://169.254.169.254/latest/meta-data/",
    "a private network": "http://10.0.0.1/",
    "another private network": "http://192.168.1.1/",
    "a host in public": "https://example.com/",
    "a look-alike": "http://127.0.0.1.example.com/",
    "full-width digits": "http://１２７.0.0.2:{port}/",
}
SCHEMES = (
    *("file:///etc/passwd", "FILE:///etc/passwd", "view-source:http://127.0.0.1/", "chrome://version", "about:version"),
    *(
        "data:text/html,<h1>x</h1>",
        "javascript:alert(1)",
        "ftp://127.0.0.1/",
        "blob:http://127.0.0.1/x",
        "ws://127.0.0.1/",
    ),
    *(
        "chrome-extension://abc/",
        "filesystem:http://127.0.0.1/temporary/x",
        "devtools://devtools/bundled/inspector.html",
    ),
)


@pytest.mark.parametrize("url", SPELLINGS.values(), ids=SPELLINGS)
async def test_open_refuses_hosts_that_are_not_granted_however_they_are_spelled(browser, outside, url):
    await browser.refused("open", url=url.format(port=outside.port))
    assert outside.asked == []


@pytest.mark.parametrize("url", SCHEMES)
async def test_open_refuses_what_is_no_web_page(browser, url):
    assert "give one that begins with https" in await browser.refused("open", url=url)


LEAVING = {
    "a script": "<script>setTimeout(() => location = '{url}', 10)</script>",
    "a meta refresh": "<meta http-equiv=refresh content='0;url={url}'>",
    "a decimal address": "<script>location = '{url}'.replace('127.0.0.2', '2130706434')</script>",
    "an IPv6 address": "<script>location = '{url}'.replace('127.0.0.2', '[::ffff:127.0.0.2]')</script>",
    "a link": "<a href='{url}'>go</a>",
    "a link with a ping": "<a href='/here' ping='{url}'>go</a>",
    "a link to a new window": "<a href='{url}' target=_blank>go</a>",
    "window.open": "<button onclick=\"window.open('{url}')\">go</button>",
    "a form": "<form action='{url}'><input name=q value=secret><button>go</button></form>",
    "a form that posts": "<form action='{url}' method=post><input name=q value=secret><button>go</button></form>",
    "a form to a new window": "<form action='{url}' target=w method=post><button>go</button></form>",
    "history": "<script>try {{ history.pushState(0, '', '{url}') }} catch {{}}</script>",
}


@pytest.mark.parametrize("html", LEAVING.values(), ids=LEAVING)
async def test_a_page_cannot_lead_to_a_host_that_is_not_granted(browser, site, outside, html):
    site.pages["/here"] = "<p>here</p>"
    told = await browser.show(site, "<p>granted</p>" + html.format(url=outside.url + "/"))
    if ">go<" in html:
        told = await browser("click", target=1 if "<a" in html else "go")
    told += await browser("wait", seconds=0.3)
    assert outside.asked == []
    assert "outside" not in told.replace(outside.url, "")


PARTS = {
    "a picture": "<img src='{url}x.png'>",
    "a picture in a style": "<div style=\"background:url('{url}x.png');width:9px;height:9px\"></div>",
    "a style sheet": "<link rel=stylesheet href='{url}x.css'>",
    "an import": "<style>@import '{url}x.css';</style>",
    "a font": "<style>@font-face {{ font-family: f; src: url('{url}f.woff') }} p {{ font-family: f }}</style><p>x</p>",
    "a script": "<script src='{url}x.js'></script>",
    "a module": "<script type=module>import '{url}x.js'</script>",
    "a frame": "<iframe src='{url}'></iframe>",
    "a frame in a frame": "<iframe srcdoc=\"<iframe src='{url}'></iframe>\"></iframe>",
    "an object": "<object data='{url}'></object><embed src='{url}'>",
    "a video": "<video src='{url}x.mp4' autoplay></video>",
    "fetch": "<script>fetch('{url}', {{mode: 'no-cors'}})</script>",
    "a request of the old kind": "<script>x = new XMLHttpRequest(); x.open('POST', '{url}'); x.send('secret')</script>",
    "a beacon": "<script>navigator.sendBeacon('{url}', 'secret')</script>",
    "a WebSocket": "<script>new WebSocket('{url}'.replace('http', 'ws'))</script>",
    "server-sent events": "<script>new EventSource('{url}')</script>",
    "a worker": "<script>new Worker(URL.createObjectURL(new Blob([\"fetch('{url}', {{mode: 'no-cors'}})\"])))</script>",
    "a prefetch": "<link rel=prefetch href='{url}'><link rel=preload as=image href='{url}'>",
    "speculation": '<script type=speculationrules>{{"prerender": [{{"urls": ["{url}"]}}]}}</script>',
    "a download": "<a id=a href='{url}' download>x</a><script>a.click()</script>",
}


@pytest.mark.parametrize("html", PARTS.values(), ids=PARTS)
async def test_a_page_cannot_load_a_part_from_a_host_that_is_not_granted(browser, site, outside, html):
    await browser.show(site, html.format(url=outside.url + "/"))
    await browser("wait", seconds=0.3)
    assert outside.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_a_host_that_is_not_granted_is_refused(browser, site, outside, status):
    site.pages["/go"] = (status, {"Location": outside.url + "/"}, "")
    assert "127.0.0.2" in await browser.refused("open", url=f"{site.url}/go")
    assert outside.asked == []


async def test_a_redirect_to_a_file_is_refused(browser, site):
    site.pages["/go"] = (302, {"Location": "file:///etc/passwd"}, "")
    await browser.refused("open", url=f"{site.url}/go")
    assert "root:" not in (await browser.result("read")).content[0].text


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "chrome://version", "view-source:{here}", "data:text/html,<h1>data</h1>"]
)
async def test_a_page_cannot_lead_to_what_is_no_web_page(browser, site, url):
    url = url.format(here=site.url)
    await browser.show(
        site,
        f"<p>still here</p><a href='{url}'>go</a><iframe src='{url}'></iframe>"
        f"<script>try {{ window.open('{url}') }} catch {{}}</script>",
    )
    told = await browser("click", target="go")
    assert "root:" not in told and "# data" not in told and "Revision" not in told
    assert "still here" in await browser("read") or "about:blank" in told


async def test_a_picture_of_a_redirect_is_refused_and_told(client, site, outside):
    browser = Browser(client, process="picture")
    site.pages["/x.png"] = (302, {"Location": outside.url + "/x.png"}, "")
    told = await browser.show(site, "<img src=/x.png>")
    assert outside.asked == []
    assert "Parts of the page were not loaded from 127.0.0.2" in told


async def test_a_download_from_a_host_that_is_not_granted_is_refused(browser, site, outside):
    await browser.show(site, f"<a href='{outside.url}/x.zip'>get</a>")
    await browser.refused("download", target="get")
    await browser.refused("download", target=f"{outside.url}/x.zip")
    site.pages["/x.zip"] = (302, {"Location": outside.url + "/x.zip"}, "")
    await browser.refused("download", target=f"{site.url}/x.zip")
    assert outside.asked == []


async def test_no_packet_leaves_by_webrtc_quic_or_name_lookups(browser, site):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(1)
        port = ear.getsockname()[1]
        told = await browser.show(
            site,
            f"""<p id=m>none</p><link rel=dns-prefetch href=//secret.example.com>
            <iframe id=f></iframe><script>
            const made = typeof RTCPeerConnection, inner = typeof f.contentWindow.RTCPeerConnection;
            for (const RTC of [globalThis.RTCPeerConnection, f.contentWindow.RTCPeerConnection]) try {{
              const c = new RTC({{iceServers: [{{urls: 'stun:127.0.0.1:{port}'}}]}});
              c.createDataChannel('x'); c.createOffer().then((o) => c.setLocalDescription(o)) }} catch {{}}
            m.textContent = made + ' ' + typeof WebTransport</script>""",
        )
        assert "undefined undefined" in told
        with pytest.raises(TimeoutError):
            ear.recv(100)


async def test_a_service_worker_cannot_be_installed(browser, site):
    site.pages["/sw.js"] = (
        200,
        {"Content-Type": "text/javascript"},
        "onfetch = (e) => e.respondWith(new Response('taken'))",
    )
    await browser.show(
        site, "<p id=m></p><script>navigator.serviceWorker.register('/sw.js').then(() => m.textContent = 'on')</script>"
    )
    await browser("wait", seconds=0.5)
    site.pages["/next"] = "<p>not taken</p>"
    assert "not taken" in await browser("open", url=f"{site.url}/next")


async def test_no_permission_is_granted_and_where_one_is_is_not_told(browser, site):
    told = await browser.show(
        site,
        """<p id=m>asking</p><script>(async () => {
        const names = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi'];
        const said = await Promise.all(names.map(async (name) => (await navigator.permissions.query({name})).state));
        await new Promise((done) =>
            navigator.geolocation.getCurrentPosition(done, (e) => { said.push(e.code); done() }));
        await navigator.mediaDevices.getUserMedia({audio: true}).catch((e) => said.push(e.name));
        m.textContent = said.join(' ') + ' told' })()</script>""",
    )
    told = told if " told" in told else await browser("wait", text=" told", seconds=5)
    assert "granted" not in told
    assert "1 NotFoundError told" in told


async def test_a_certificate_that_is_not_valid_is_refused(browser, tls_site):
    assert "certificate is not valid" in await browser.refused("open", url=f"{tls_site.url}/")


async def test_what_a_person_allowed_once_lasts_as_long_as_its_page(client, site, outside):
    browser = Browser(client, process="once", grants=["browser.open:127.0.0.1"])
    assert "outside" in await browser("open", "browser.open:127.0.0.2", url=outside.url)
    assert "outside" in await browser("read")
    await browser.show(site, f"<p>x</p><img src='{outside.url}/late.png'>")
    assert "/late.png" not in outside.paths()
    await browser.refused("open", url=outside.url)


async def test_a_grant_of_every_host_is_none_of_this_machine_or_its_networks(client, outside):
    browser = Browser(client, process="wide", grants=["browser.open"])
    outside.asked.clear()
    for host in ("127.0.0.2", "localhost", "[::1]", "10.0.0.1"):
        said = await browser.refused("open", f"browser.open:{host}", url=f"http://{host}:{outside.port}/")
        assert "no public address" in said
    assert outside.asked == []


async def test_other_clients_reach_what_the_command_allows_and_that_is_nothing(client, outside):
    result = await client.call_tool("open", {"url": outside.url})
    assert result.is_error and "is not granted" in result.content[0].text


def names(**known):
    asked = []

    async def find(host, port):
        asked.append(host)
        return known[host.replace(".", "_")].pop(0) if known[host.replace(".", "_")] else []

    find.asked = asked
    return find


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["93.184.215.14", "127.0.0.1"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        ["2002:7f00:1::"],
        ["::7f00:1"],
        ["fe80::1%eth0"],
        ["fd00::1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["224.0.0.1"],
        ["0.0.0.0"],
        ["198.18.0.1"],
    ],
    ids=str,
)
async def test_a_granted_name_that_leads_into_a_private_network_is_refused(found):
    with pytest.raises(Refused, match="no public address"):
        await admit("evil.example", 80, ["evil.example"], names(evil_example=[found]))


async def test_a_connection_to_one_host_is_used_for_no_other(browser, site):
    """Each plain request has a connection of its own, whatever the server offers."""
    ports = []

    def answer(handler):
        ports.append(handler.client_address[1])
        handler.protocol_version = "HTTP/1.1"
        handler.answer(200, {"Connection": "keep-alive"}, "<p>kept</p>")

    site.pages["/kept"] = answer
    for _ in range(3):
        await browser("open", url=f"{site.url}/kept")
    assert len(ports) == len(set(ports)) == 3


async def test_a_name_is_resolved_once_and_what_was_checked_is_what_is_connected_to():
    find = names(evil_example=[["93.184.215.14"], ["127.0.0.1"]])
    assert await admit("evil.example", 80, ["*.example"], find) == ["93.184.215.14"]
    assert find.asked == ["evil.example"]


async def test_a_private_address_is_reached_by_name_only_when_both_are_granted():
    grants = ["wiki.corp", "10.1.2.3"]
    assert await admit("wiki.corp", 80, grants, names(wiki_corp=[["10.1.2.3"]])) == ["10.1.2.3"]
    with pytest.raises(Refused):
        await admit("wiki.corp", 80, grants, names(wiki_corp=[["10.1.2.4"]]))


@pytest.mark.parametrize(
    "host", ["example.com.evil.net", "evilexample.com", "example.comx", "com", "", "xn--example-.com"]
)
async def test_a_host_that_only_looks_like_a_granted_one_is_not_granted(host):
    with pytest.raises((Refused, BrowserError), match="not granted"):
        await admit(host, 443, ["example.com", "*.example.com"], names())
