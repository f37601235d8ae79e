#!/usr/bin/env python3
"""imports.py BUILD [--mend]: finds imports of Sources and Benchmarks that their file does not use.

BUILD is the directory of a debug build, whose compiler notes in an index which symbols each file names; a
module is used where one of its symbols is. The index is read with the compiler's own library. --mend takes the
lines away that are found.
"""
import collections
import ctypes
import glob
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
RECORD = 2
FOLDERS = ("Sources/", "Benchmarks/")
# What a module hands on under names of other modules.
HANDS_ON = {
    # It hands on the C library, too.
    "Foundation": {"C", "Foundation", "FoundationEssentials", "FoundationInternationalization", "FoundationNetworking"},
    "Dispatch": {"Dispatch"},
    "Crypto": {"Crypto", "_CryptoExtras"},
    "CryptoExtras": {"CryptoExtras", "_CryptoExtras"},
    "NIOCore": {"NIOCore", "_NIOBase64", "_NIODataStructures"},
    "GRDB": {"GRDB"},
}
# C modules: their symbols carry no module.
OF_C = {"Glibc", "Musl", "Darwin", "GRDBSQLite"}
IMPORT = re.compile(
    r"^ *(?:@\w+ +)*(?:public |package |internal |private )?import +(?:(?:struct|class|enum|func|protocol|var) +)?(\w+)"
)


class Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    def __str__(self):
        return ctypes.string_at(self.data, self.length).decode() if self.length else ""


EACH = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)
EACH_NAME = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, Text)


def library():
    swiftc = os.path.realpath(shutil.which(os.environ.get("SWIFTC", "swiftc")) or "swiftc")
    lib = ctypes.CDLL(os.path.join(os.path.dirname(swiftc), "..", "lib", "libIndexStore.so"))
    pointer, number = ctypes.c_void_p, ctypes.c_uint
    for name, result, arguments in [
        ("store_create", pointer, [ctypes.c_char_p, pointer]),
        ("store_units_apply_f", ctypes.c_bool, [pointer, number, pointer, EACH_NAME]),
        ("unit_reader_create", pointer, [pointer, ctypes.c_char_p, pointer]),
        ("unit_reader_dispose", None, [pointer]),
        ("unit_reader_get_main_file", Text, [pointer]),
        ("unit_reader_dependencies_apply_f", ctypes.c_bool, [pointer, pointer, EACH]),
        ("unit_dependency_get_kind", ctypes.c_int, [pointer]),
        ("unit_dependency_get_name", Text, [pointer]),
        ("record_reader_create", pointer, [pointer, ctypes.c_char_p, pointer]),
        ("record_reader_dispose", None, [pointer]),
        ("record_reader_symbols_apply_f", ctypes.c_bool, [pointer, ctypes.c_bool, pointer, EACH]),
        ("symbol_get_usr", Text, [pointer]),
    ]:
        function = getattr(lib, "indexstore_" + name)
        function.restype, function.argtypes = result, arguments
    return lib


def demangled(usrs):
    """The words of each symbol's full name, its module among them; "C" for one of C."""
    swift = [usr for usr in usrs if usr.startswith("s:")]
    text = "\n".join("$s" + usr[2:] for usr in swift)
    run = subprocess.run(["swift", "demangle"], input=text, capture_output=True, text=True, check=True)
    words = {usr: set(re.findall(r"\w+", line)) for usr, line in zip(swift, run.stdout.splitlines(), strict=True)}
    return collections.defaultdict(lambda: {"C"}, words)


def thrown():
    """Our own types by their module: what a file says that it throws is not in the index."""
    found = collections.defaultdict(set)
    for path in glob.glob(os.path.join(ROOT, "Sources", "*", "**", "*.swift"), recursive=True):
        with open(path) as file:
            for name in re.findall(r"\b(?:public|package) (?:enum|struct) (\w+)", file.read()):
                found[name].add(os.path.relpath(path, ROOT).split("/")[1])
    return found


def used(build):
    """Of each file, the words of the full names of the symbols that it names."""
    lib = library()
    store = lib.indexstore_store_create(os.path.join(build, "index", "store").encode(), None)
    if not store:
        sys.exit(f"imports: {build} has no index; make debug makes it")
    units, words = [], collections.defaultdict(set)
    lib.indexstore_store_units_apply_f(store, 0, None, EACH_NAME(lambda _, name: units.append(str(name)) or True))
    known = {}

    def of_record(name):
        if name not in known:
            known[name] = set()
            reader = lib.indexstore_record_reader_create(store, name.encode(), None)
            if reader:
                add = lambda _, symbol: known[name].update([str(lib.indexstore_symbol_get_usr(symbol))]) or True
                lib.indexstore_record_reader_symbols_apply_f(reader, False, None, EACH(add))
                lib.indexstore_record_reader_dispose(reader)
        return known[name]

    for unit in units:
        reader = lib.indexstore_unit_reader_create(store, unit.encode(), None)
        if not reader:
            continue
        path = os.path.relpath(os.path.realpath(str(lib.indexstore_unit_reader_get_main_file(reader))), ROOT)
        if path.startswith(FOLDERS) and os.path.exists(os.path.join(ROOT, path)):

            def depend(_, dependency):
                if lib.indexstore_unit_dependency_get_kind(dependency) == RECORD:
                    words[path].update(of_record(str(lib.indexstore_unit_dependency_get_name(dependency))))
                return True

            words[path].add("")
            lib.indexstore_unit_reader_dependencies_apply_f(reader, None, EACH(depend))
        lib.indexstore_unit_reader_dispose(reader)
    full = demangled(set().union(*known.values()))
    types = thrown()
    for path, usrs in words.items():
        words[path] = set().union(*(full[usr] for usr in usrs if usr))
        with open(os.path.join(ROOT, path)) as file:
            for name in re.findall(r"throws\((\w+)\)", file.read()):
                words[path] |= types[name]
    return words


def unused(path, words):
    """Numbers and modules of the import lines of a file that name nothing it uses."""
    found = []
    with open(os.path.join(ROOT, path)) as file:
        for number, line in enumerate(file):
            match = IMPORT.match(line)
            # Within a text a line may begin like an import; indented are those of C alone.
            if not match or (line[0] == " " and match.group(1) not in OF_C):
                continue
            module = match.group(1)
            names = {"C"} if module in OF_C else HANDS_ON.get(module, {module})
            if not names & words:
                found.append((number, module))
    return found


def main():
    build, mends = sys.argv[1], "--mend" in sys.argv
    words = used(build)
    count = 0
    for path in sorted(words):
        lines = unused(path, words[path])
        count += len(lines)
        for number, module in lines:
            print(f"{path}:{number + 1}: {module} is imported and not used")
        if mends and lines:
            with open(os.path.join(ROOT, path)) as file:
                text = file.readlines()
            for number, _ in reversed(lines):
                del text[number]
            with open(os.path.join(ROOT, path), "w") as file:
                file.writelines(text)
    if len(words) < 50:
        sys.exit(f"imports: the index has {len(words)} files only; make debug makes it anew")
    print(f"imports: {len(words)} files, {count} imports that are not used")
    sys.exit(1 if count else 0)


main()
