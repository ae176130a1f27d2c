import sys
sys.path[:0] = [".", "tests"]
import glob, importlib.util
from bindlint.facts import Listener
from bindlint.knowledge import Knowledge, rules_root
from bindlint.readers import python
from bindlint.readers.mentions import mentions
from bindlint.source import Files, Source
K = Knowledge(rules_root())
def facts(files, path="app.py"):
    known = {}
    while True:
        f = Files(files, lambda p: Source(p, files[p]), known)
        out = list(python.read(Source(path, files[path], f), K))
        new = f.wanted - known.keys()
        if not new: return out
        known |= mentions(new, files, lambda p: files[p].encode())
S = {"wildcard":"W","loopback":"L","unknown":"U","localhost":"N","specific":"S"}
def run(cases, verbose):
    bad = 0
    for name, want, files in cases:
        if isinstance(files, str): files = {"app.py": files}
        try:
            fs = facts(files)
        except Exception as e:
            import traceback; traceback.print_exc()
            print("EXC ", name, repr(e)); bad += 1; continue
        ls = [f for f in fs if isinstance(f, Listener)]
        got = "".join(sorted(S[f.address.kind.value] for f in ls))
        got1 = "".join(sorted(set(got)))
        ok = got1 == want
        bad += not ok
        if not ok or verbose:
            print("ok  " if ok else "BAD ", name, "| want", want or "-", "got", got or "-", [f.address.maybe for f in ls if f.address.maybe])
            if verbose:
                for f in ls:
                    print("     ", f.address.text, f.address.known.value, [(files[s.site.path][s.site.span.start:s.site.span.end], s.site.path, s.note) for s in f.address.trail], files[f.site.path][f.site.span.start:f.site.span.end])
    print(f"{len(cases)-bad}/{len(cases)}")
CASES = []
U = "import uvicorn\n"
R = "uvicorn.run(app, host=%s)\n"
def c(name, want, text, use=None, **more):
    t = text if use is None else U + text + ("" if text.endswith("\n") else "\n") + R % use
    CASES.append((name, want, {"app.py": t, **more} if more else t))
exec(open(".probe/cases.py").read())
if __name__ == "__main__":
    pat = sys.argv[1] if len(sys.argv) > 1 else ""
    run([x for x in CASES if pat in x[0]], bool(pat))
