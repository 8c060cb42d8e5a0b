//! `overlapped info`: the driver, the kernel's features and the limits of this system, and why.

use crate::args::Info;
use crate::output::{self, say};
use crate::platform::{self, Limits};
use crate::problem::Problem;
use overlapped::driver::{self, ChosenBy, Report};
use serde::Serialize;
use std::env;
use std::fmt::Write;

/// The environment variables the library understands, and what each is for.
const VARIABLES: [(&str, &str); 2] = [
    ("OVERLAPPED_DRIVER", "auto, uring, epoll or winsock: the driver of every program"),
    ("OVERLAPPED_MASK", "features to do without, as a comma list of the names above"),
];

#[derive(Serialize)]
struct Facts {
    version: &'static str,
    driver: String,
    chosen_by: &'static str,
    refused: Option<Refused>,
    kernel: String,
    features: Vec<Feature>,
    /// Whether the kernel's io_uring tells in reverse order what has completed together.
    reversed: bool,
    /// Whether the processor's prediction of returns is refilled after calls of the kernel.
    refills: bool,
    /// Null where the system has none.
    limits: Option<Limits>,
    environment: Vec<Variable>,
}

#[derive(Serialize)]
struct Refused {
    driver: String,
    errno: i32,
    cause: String,
    cure: String,
}

#[derive(Serialize)]
struct Feature {
    name: &'static str,
    since: &'static str,
    found: bool,
    masked: bool,
    used: bool,
    purpose: &'static str,
}

#[derive(Serialize)]
struct Variable {
    name: &'static str,
    value: Option<String>,
    purpose: &'static str,
}

pub(crate) fn run(asked: &Info) -> Result<(), Problem> {
    let facts = gather(driver::report()?);
    if asked.json {
        let json = serde_json::to_string_pretty(&facts)
            .map_err(|error| Problem::failed(format!("cannot write JSON: {error}")))?;
        say!("{json}");
    } else {
        output::write(&text(&facts));
    }
    Ok(())
}

fn gather(report: &Report) -> Facts {
    Facts {
        version: env!("CARGO_PKG_VERSION"),
        driver: report.kind.to_string(),
        chosen_by: match report.chosen_by {
            ChosenBy::Program => "program",
            ChosenBy::Environment => "environment",
            _ => "default",
        },
        refused: report.refused.as_ref().map(|refused| Refused {
            driver: refused.driver.to_string(),
            errno: refused.errno,
            cause: refused.cause.clone(),
            cure: refused.cure.clone(),
        }),
        kernel: report.kernel.clone(),
        features: report
            .features
            .iter()
            .map(|feature| Feature {
                name: feature.name,
                since: feature.since,
                found: feature.found,
                masked: feature.masked,
                used: feature.found && !feature.masked,
                purpose: feature.purpose,
            })
            .collect(),
        reversed: report.reversed,
        refills: report.refills,
        limits: platform::limits(),
        environment: VARIABLES
            .map(|(name, purpose)| Variable {
                name,
                value: env::var_os(name).map(|value| value.to_string_lossy().into_owned()),
                purpose,
            })
            .into(),
    }
}

fn text(facts: &Facts) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_text(&mut out, facts);
    out
}

fn write_text(out: &mut String, facts: &Facts) -> std::fmt::Result {
    let why = match facts.chosen_by {
        "program" => "chosen by the program",
        "environment" => "chosen by OVERLAPPED_DRIVER",
        _ if facts.refused.is_some() => "what is left: see below",
        _ => "the best that this system offers",
    };
    writeln!(out, "overlapped {}", facts.version)?;
    writeln!(out, "driver     {} ({why})", facts.driver)?;
    if let Some(refused) = &facts.refused {
        writeln!(out, "           {} was refused: {} (errno {})", refused.driver, refused.cause, refused.errno)?;
        writeln!(out, "           the way out: {}", refused.cure)?;
    }
    writeln!(out, "kernel     {} {}", platform::SYSTEM, facts.kernel)?;
    if facts.features.is_empty() {
        writeln!(out, "features   not asked for: they are io_uring's")?;
    }
    let width = facts.features.iter().map(|feature| feature.name.len()).max().unwrap_or(0);
    for (place, feature) in facts.features.iter().enumerate() {
        let state = match feature {
            Feature { masked: true, .. } => "masked",
            Feature { found: true, .. } => "found",
            _ => "missing",
        };
        writeln!(
            out,
            "{}{:width$}  {state:7}  Linux {:5} {}",
            if place == 0 { "features   " } else { "           " },
            feature.name,
            feature.since,
            feature.purpose
        )?;
    }
    if facts.reversed {
        writeln!(
            out,
            "order      this kernel's io_uring tells in reverse order what has completed together; put right here"
        )?;
    }
    if facts.refills {
        writeln!(
            out,
            "returns    this kernel guards its own (Safe RET), which makes ours slow; put right here, unless return-refill is masked"
        )?;
    }
    if let Some(Limits { open_files, locked_memory }) = &facts.limits {
        writeln!(
            out,
            "limits     open files     {}, at most {} (each client takes one; `serve` raises it itself)",
            amount(open_files.soft, ""),
            amount(open_files.hard, "")
        )?;
        writeln!(
            out,
            "           locked memory  {}, at most {} (rings count against it on old kernels only)",
            amount(locked_memory.soft, " bytes"),
            amount(locked_memory.hard, " bytes")
        )?;
    } else {
        writeln!(out, "limits     none: clients take memory, and nothing else")?;
    }
    for (place, variable) in facts.environment.iter().enumerate() {
        writeln!(
            out,
            "{}{}={}  {}",
            if place == 0 { "variables  " } else { "           " },
            variable.name,
            variable.value.as_deref().unwrap_or("(not set)"),
            variable.purpose
        )?;
    }
    Ok(())
}

fn amount(limit: Option<u64>, unit: &str) -> String {
    limit.map_or_else(|| "unlimited".into(), |limit| format!("{limit}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Limit;

    #[test]
    fn a_refused_driver_is_told_with_cause_and_cure_and_what_is_put_right_as_such() {
        let limit = Limit { soft: Some(1024), hard: None };
        let facts = Facts {
            version: "1.2.3",
            driver: "epoll".into(),
            chosen_by: "default",
            refused: Some(Refused {
                driver: "uring".into(),
                errno: 1,
                cause: "it is forbidden".into(),
                cure: "allow it".into(),
            }),
            kernel: "6.1.0".into(),
            features: Vec::new(),
            reversed: true,
            refills: true,
            limits: Some(Limits { open_files: limit, locked_memory: limit }),
            environment: Vec::new(),
        };
        let text = text(&facts);
        for says in [
            "driver     epoll (what is left: see below)\n",
            "           uring was refused: it is forbidden (errno 1)\n           the way out: allow it\n",
            "order      this kernel's io_uring tells in reverse order",
            "returns    this kernel guards its own",
            "open files     1024, at most unlimited ",
        ] {
            assert!(text.contains(says), "{text}");
        }
    }
}
