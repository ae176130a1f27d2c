"""What calls a listener: the name itself, or something that only calls what it is given; and what makes it listen."""

from __future__ import annotations

import pytest
from python_reading import kinds, listeners, said, slots

SERVE = "import socketserver, threading, asyncio, gevent, http.server\n"


@pytest.mark.parametrize(
    "call",
    [
        "threading.Thread(target=http.server.test, kwargs={'bind': HOST}).start()",
        "loop = asyncio.get_running_loop()\nloop.run_in_executor(None, http.server.test, H, S, P, 80, HOST)",
        "gevent.spawn_later(1, http.server.test, bind=HOST)",
        "import concurrent.futures as f\nwith f.ThreadPoolExecutor() as e:\n    e.submit(http.server.test, bind=HOST)",
        "import anyio\nasync def f(tasks: anyio.TaskGroup):\n    tasks.start_soon(http.server.test, H, S, P, 80, HOST)",
    ],
)
def test_what_only_calls_its_argument_is_seen_through(call: str) -> None:
    assert kinds(f"{SERVE}HOST = '0.0.0.0'\n{call}\n") == ["wildcard"]
    assert kinds(f"{SERVE}HOST = '127.0.0.1'\n{call}\n") == ["loopback"]


def test_an_address_left_out_there_marks_the_function_and_is_not_written() -> None:
    text = "import trio\nasync def f(n: trio.Nursery):\n    n.start_soon(trio.serve_tcp, h, 8000)\n"
    assert said(text) == [("trio.serve_tcp", "wildcard", "default")]
    assert slots(text) == []


def test_a_function_that_is_handed_to_something_else_is_not_called() -> None:
    assert kinds("import trio\nregister(trio.serve_tcp, handler, 8000)\n") == []


MANAGER = "from multiprocessing.managers import BaseManager\nimport multiprocessing.managers as mm\n"


@pytest.mark.parametrize(
    "use",
    [
        "m = BaseManager(address=('', 50000))\nm.start()",
        "m = mm.BaseManager(address=('', 50000))\nm.get_server().serve_forever()",
        "BaseManager(address=('', 50000)).get_server().serve_forever()",
        "with BaseManager(address=('', 50000)) as m:\n    pass",
        "with BaseManager(address=('', 50000)):\n    pass",
        "m = BaseManager(address=('', 50000))\nwith m:\n    pass",
        "import contextlib\nstack = contextlib.ExitStack()\nm = stack.enter_context(BaseManager(address=('', 50000)))",
    ],
)
def test_what_makes_a_manager_listen(use: str) -> None:
    assert [fact.surface for fact in listeners(f"{MANAGER}{use}\n")] == ["control"]


def test_a_manager_that_connects_does_not_listen() -> None:
    assert kinds(f"{MANAGER}m = mm.BaseManager(address=('', 50000))\nm.connect()\n") == []


UDP = "import anyio, socket\nasync def f():\n"


def test_what_an_awaited_call_gives_is_followed() -> None:
    text = (
        f"{UDP}    udp = await anyio.create_udp_socket(family=socket.AF_INET, local_port=9)\n    await udp.receive()\n"
    )
    assert said(text) == [("anyio.create_udp_socket", "wildcard", "default")]
    assert kinds(text.replace("local_port=9", "reuse_port=True")) == []
    assert kinds(text.replace("await udp.receive()", "await udp.sendto(b'', 'h', 9)")) == []


TCP = "import socketserver, threading\n"


@pytest.mark.parametrize(
    "text",
    [
        "with socketserver.TCPServer(('localhost', 0), None) as s:\n    port = s.server_address[1]\n",
        "s = socketserver.TCPServer(('', 0), None)\nport = s.server_address[1]\ns.server_close()\n",
    ],
)
def test_a_server_on_port_0_that_never_serves_was_asked_for_a_free_port(text: str) -> None:
    assert kinds(TCP + text) == []


@pytest.mark.parametrize(
    "text",
    [
        "with socketserver.TCPServer(('', 0), H) as s:\n    s.serve_forever()\n",
        "s = socketserver.TCPServer(('', 0), H)\nthreading.Thread(target=s.serve_forever).start()\n",
        "s = socketserver.TCPServer(('', 0), H)\nrun(s)\n",
        "def make():\n    return socketserver.TCPServer(('', 0), H)\n",
        "class App:\n    def start(self):\n        self.server = socketserver.TCPServer(('', 0), H)\n",
        "class S(socketserver.TCPServer):\n    def __init__(self):\n        super().__init__(('', 0), H)\n",
        "s = socketserver.TCPServer(('', port), H)\n",
        "s = socketserver.TCPServer(('', 80), H)\n",
    ],
)
def test_any_other_server_listens(text: str) -> None:
    assert kinds(TCP + text) == ["wildcard"]


@pytest.mark.parametrize(
    ("runs", "found"),
    [
        ("mcp.run()", []),
        ('mcp.run(transport="stdio")', []),
        ('mcp.run(transport="sse")', ["wildcard"]),
        ('if remote:\n    mcp.run("http")\nelse:\n    mcp.run()', ["wildcard"]),
        ("mcp.run(transport=args.transport)", ["wildcard"]),
        ("serve(mcp)", ["wildcard"]),
    ],
)
def test_a_server_that_speaks_over_standard_input_only_is_silent(runs: str, found: list[str]) -> None:
    text = f'from mcp.server.fastmcp import FastMCP\nmcp = FastMCP("x", host="0.0.0.0")\n{runs}\n'
    assert [kind for kind in kinds(text) if kind == "wildcard"] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("o = Options()\nm = DumpMaster(o)\nm.run()\n", ["wildcard"]),
        ("async def f():\n    m = DumpMaster(Options())\n    await m.run()\n", ["wildcard"]),
        ("o = Options()\nm = DumpMaster(o)\nprint(m.options)\n", []),
        ('o = Options(listen_host="0.0.0.0")\n', ["wildcard"]),
    ],
)
def test_an_address_left_out_of_options_counts_where_something_runs_with_them(text: str, found: list[str]) -> None:
    assert kinds(f"from mitmproxy.options import Options\nfrom mitmproxy.tools.dump import DumpMaster\n{text}") == found


def test_the_port_is_that_of_the_same_caller() -> None:
    text = (
        "import socketserver\nfrom threading import Thread\ndef serve(host, port, handler):\n"
        "    socketserver.TCPServer((host, port), handler).serve_forever()\n"
        "Thread(target=serve, args=('', 445, A)).start()\nThread(target=serve, args=('', 80, B)).start()\n"
        "serve('', 21, C)\n"
    )
    assert [fact.port for fact in listeners(text)] == [445, 80, 21]


DATAGRAMS = "import random, socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("s.bind(('', random.randint(1024, 9999)))\ns.sendto(b'', peer)\ns.recvfrom(99)\n", []),
        ("p = random.randint(1024, 9999)\ns.bind(('', p))\ns.sendto(b'', peer)\ns.recvfrom(99)\n", []),
        ("s.bind(('', random.randint(1024, 9999)))\ns.recvfrom(99)\n", ["wildcard"]),
        ("s = socket.socket(kind)\ns.bind(('', random.randint(1024, 9999)))\nuse(s)\n", []),
        ("s = socket.socket(kind)\ns.bind(('', 1024))\nuse(s)\n", ["wildcard"]),
        ("s.bind(('', 9))\ns.sendto(b'', peer)\ns.recvfrom(99)\n", ["wildcard"]),
    ],
)
def test_a_port_drawn_by_lot_for_an_answer_is_no_service(text: str, found: list[str]) -> None:
    assert kinds(DATAGRAMS + text) == found


def test_a_socket_is_read_from_in_a_method_of_the_base_class() -> None:
    text = (
        "import socket\nclass Base:\n    def deliver(self):\n        self.fd.recv(99)\n"
        "class Pipe(Base):\n    def start(self):\n        self.fd = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "        self.fd.bind(('', 99))\n"
    )
    assert kinds(text) == ["wildcard"]
    assert kinds(text.replace("self.fd.recv", "self.other.recv")) == []


def test_a_port_is_asked_for_in_a_with_even_by_listening() -> None:
    text = "import socket\nwith socket.socket() as s:\n    s.bind(('', 0))\n    s.listen(1)\n    s.getsockname()\n"
    assert kinds(text) == []
    assert kinds(f"{text}    s.accept()\n") == ["wildcard"]
    assert kinds(f"{text}    serve(s)\n") == ["wildcard"]


def test_a_true_may_stand_for_every_interface() -> None:
    text = "from tensorboard.program import TensorBoard\nTensorBoard().configure(bind_all={})\n"
    assert said(text.format("True")) == [("True", "wildcard", "literal")]
    assert kinds(text.format("False")) == []
