//! `wscli completions`: the completion script of a shell, printed or put where the shell looks for it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::{Access, access};

use super::print;
use crate::advice::shell_word;
use crate::error::Error;
use crate::exit::Exit;
use crate::stdio::file::user_directory;
use crate::stdio::replaced_file::{AS_USUAL, replace};

/// What `completions` is asked to do.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) script: Vec<u8>,
    /// The shell to put it in place for; `None` to print it.
    pub(crate) installed_for: Option<CompletedShell>,
}

/// A shell that there is a script for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CompletedShell {
    Bash,
    Elvish,
    Fish,
    PowerShell,
    Zsh,
}

/// Where the script goes, and what there is to do then.
#[derive(Debug)]
struct ScriptPlace {
    path: PathBuf,
    remark: String,
}

/// Prints the script, or puts it in its place and says so.
///
/// # Errors
/// A user without a home; what can't be written.
pub(crate) fn run(config: &Config) -> Result<Exit, Error> {
    let Some(shell) = config.installed_for else { return print::run(&config.script) };
    let nowhere = || Error::usage("neither HOME nor the XDG directories are absolute paths: the script has no place");
    let ScriptPlace { path, remark } = place(shell).ok_or_else(nowhere)?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder).map_err(|why| Error::unwritable(folder, &why))?;
    replace(&path, &config.script, AS_USUAL).map_err(|why| Error::unwritable(&path, &why))?;
    print::run(format!("wrote {}\n{remark}\n", path.display()).as_bytes())
}

/// Where this shell looks; `None` for a user without a home.
fn place(shell: CompletedShell) -> Option<ScriptPlace> {
    match shell {
        CompletedShell::Bash => bash(),
        CompletedShell::Zsh => zsh(),
        CompletedShell::Fish => {
            let remark = "Available in this shell and in new ones.".to_owned();
            Some(ScriptPlace { path: configuration("fish/completions/wscli.fish")?, remark })
        }
        CompletedShell::Elvish => {
            let remark = "elvish loads no completions by itself: add this line to rc.elv\n\n    use wscli".to_owned();
            Some(ScriptPlace { path: configuration("elvish/lib/wscli.elv")?, remark })
        }
        CompletedShell::PowerShell => {
            let path = configuration("powershell/wscli.ps1")?;
            let remark =
                "PowerShell loads no completions by itself: add this line to the file that $PROFILE names\n\n    . ";
            let remark = format!("{remark}{}", word(&path));
            Some(ScriptPlace { path, remark })
        }
    }
}

fn configuration(path: &str) -> Option<PathBuf> {
    Some(user_directory("XDG_CONFIG_HOME", ".config")?.join(path))
}

/// What reads them, where distributions and Homebrew have it.
const BASH_COMPLETION: [&str; 4] = [
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/opt/homebrew/share/bash-completion/bash_completion",
    "/etc/profile.d/bash_completion.sh",
];

fn bash() -> Option<ScriptPlace> {
    // The first of several, as bash-completion 2.12 takes them.
    let own = env::var("BASH_COMPLETION_USER_DIR").ok().and_then(|list| list.split(':').next().map(PathBuf::from));
    let own = own.filter(|folder| folder.is_absolute());
    let folder = own.or_else(|| Some(user_directory("XDG_DATA_HOME", ".local/share")?.join("bash-completion")))?;
    let path = folder.join("completions/wscli");
    let remark = match BASH_COMPLETION.iter().any(|file| Path::new(file).exists()) {
        true => "Available in new shells.".to_owned(),
        false => format!(
            "The package bash-completion, which looks there, isn't installed; without it add this line to ~/.bashrc\n\n    source {}",
            word(&path)
        ),
    };
    Some(ScriptPlace { path, remark })
}

/// Where there is no better place.
const OWN_FUNCTIONS: &str = ".zfunc";

fn zsh() -> Option<ScriptPlace> {
    let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let is_meant_for_us = |folder: &PathBuf| {
        folder.ends_with("site-functions") || home.as_ref().is_some_and(|home| folder.starts_with(home))
    };
    let known = function_path().into_iter().find(|folder| is_meant_for_us(folder) && can_be_written(folder));
    if let Some(folder) = known {
        let remark = "Available in new shells, where compinit runs.".to_owned();
        return Some(ScriptPlace { path: folder.join("_wscli"), remark });
    }
    let folder = home?.join(OWN_FUNCTIONS);
    let remark = format!(
        "zsh looks there if this line is in ~/.zshrc, above the one with compinit\n\n    fpath=({} $fpath)",
        word(&folder)
    );
    Some(ScriptPlace { path: folder.join("_wscli"), remark })
}

/// Where zsh looks for functions, as it says itself; nothing where there is no zsh.
fn function_path() -> Vec<PathBuf> {
    let asked =
        Command::new("zsh").args(["-c", "print -rl -- $fpath"]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let printed = asked.map(|output| output.stdout).unwrap_or_default();
    let lines = printed.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"/"));
    lines.map(|line| PathBuf::from(OsString::from_vec(line.to_vec()))).collect()
}

fn can_be_written(folder: &Path) -> bool {
    folder.is_dir() && access(folder, Access::WRITE_OK).is_ok()
}

fn word(path: &Path) -> String {
    shell_word(&path.display().to_string())
}
