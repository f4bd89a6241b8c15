//! The template, carried inside the program, and how it becomes a site: the only file that names cargo-generate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use cargo_generate::{GenerateArgs, TemplatePath, Vcs, generate};
use include_dir::{Dir, include_dir};

use crate::args::Expand;
use crate::names;
use crate::refusal::{Refusal, Result};
use crate::secret_key;

static TEMPLATE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../project-template");

/// Writes the site below `site.folder` and says where.
///
/// This happens in a child, because cargo-generate reads its environment and talks on stderr.
pub(crate) fn write(site: &Expand) -> Result<PathBuf> {
    let output =
        child(site).output().map_err(|cause| Refusal::new(format!("cannot start myself: {cause}")))?;
    if !output.status.success() {
        return Err(Refusal::new(format!("the template could not be filled in: {}", said(&output))));
    }
    Ok(written(site))
}

/// What that child does: fills in the template, offline, without git, asking nothing.
pub(crate) fn expand(site: &Expand) -> Result<ExitCode> {
    let template = site.folder.join("template");
    let settings = site.folder.join("cargo-generate.toml");
    fs::create_dir(&template).map_err(Refusal::at("make", &template))?;
    fs::create_dir(out(site)).map_err(Refusal::at("make", &out(site)))?;
    TEMPLATE.extract(&template).map_err(Refusal::at("write", &template))?;
    fs::write(&settings, "").map_err(Refusal::at("write", &settings))?;
    generate(arguments(site, &template, settings)?).map_err(|cause| Refusal::new(format!("{cause:#}")))?;
    only_for_the_owner(&written(site).join(".env"))?;
    Ok(ExitCode::SUCCESS)
}

fn child(site: &Expand) -> Command {
    let me = std::env::current_exe().unwrap_or_else(|_| "nuages".into());
    let mut command = Command::new(me);
    command.arg("__expand").arg(&site.folder).args([&site.name, site.user.as_str(), site.database.as_str()]);
    command.arg(&site.framework).env_clear();
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    // cargo-generate wants an author, though nothing here names one.
    command.env("CARGO_NAME", "nuages");
    command.envs(["TMPDIR", "TEMP", "TMP", "HOME", "USERPROFILE"].map(|name| (name, &site.folder)));
    command
}

fn arguments(site: &Expand, template: &Path, settings: PathBuf) -> Result<GenerateArgs> {
    Ok(GenerateArgs {
        template_path: TemplatePath { path: Some(template.display().to_string()), ..TemplatePath::default() },
        name: Some(site.name.clone()),
        force: true, // keeps the name as it is spelled
        destination: Some(out(site)),
        define: values(site)?,
        config: Some(settings), // an empty one, instead of the user's
        vcs: Some(Vcs::None),
        silent: true,
        quiet: true,
        no_workspace: true,
        no_fmt: true,
        lib: false,
        bin: true,
        ..GenerateArgs::default()
    })
}

fn values(site: &Expand) -> Result<Vec<String>> {
    Ok(vec![
        format!("crate_name={}", names::crate_name(&site.name)),
        format!("framework={}", site.framework),
        format!("database={}", site.database.as_str()),
        format!("user={}", site.user.as_str()),
        format!("secret_key={}", secret_key::make()?),
        format!("database_password={}", secret_key::password()?),
    ])
}

fn out(site: &Expand) -> PathBuf {
    site.folder.join("out")
}

fn written(site: &Expand) -> PathBuf {
    out(site).join(&site.name)
}

/// The child's last words on one line.
fn said(output: &Output) -> String {
    let words = String::from_utf8_lossy(&output.stderr);
    let last = words.lines().rfind(|line| !line.trim().is_empty());
    last.map_or_else(|| output.status.to_string(), |line| line.trim_start_matches("nuages: ").into())
}

#[cfg(unix)]
fn only_for_the_owner(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).map_err(Refusal::at("protect", file))
}

#[cfg(not(unix))]
fn only_for_the_owner(_file: &Path) -> Result<()> {
    Ok(())
}
