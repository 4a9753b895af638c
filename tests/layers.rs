//! Who may import whom.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules by layer, lowest first. A module may import from its own layer and from lower ones.
const LAYERS: [&[&str]; 4] = [
    &["ws"],
    &["error", "values"],
    &["net"],
    &["view", "handlers", "trace", "stdio", "panic_hook", "server", "cli", "client", "commands"],
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn layer(module: &str) -> usize {
    LAYERS.iter().position(|modules| modules.contains(&module)).unwrap_or_else(|| panic!("{module} has no layer"))
}

/// The modules that a source names as `crate::module`.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.split("crate::").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
}

#[test]
fn nothing_points_back_up() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for path in sources(&root) {
        let name = path.strip_prefix(&root).unwrap().components().next().unwrap().as_os_str().to_str().unwrap();
        let module = name.trim_end_matches(".rs");
        if module == "main" || module == "lib" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for import in imports(&text) {
            assert!(layer(import) <= layer(module), "{}: {module} imports {import}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 50, "the search finds imports");
}

#[test]
fn ws_is_pure() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ws");
    for path in sources(&root) {
        let text = fs::read_to_string(&path).unwrap();
        for impure in ["std::net", "std::thread", "std::fs", "Instant", "SystemTime", "print!", "println!", "rand::"] {
            assert!(!text.contains(impure), "{} has {impure}", path.display());
        }
    }
}
