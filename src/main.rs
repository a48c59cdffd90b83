//! The server's program: reads the command line and calls one function of `app`.

use std::process::ExitCode;

use deskbell::{app, cli::Cli};

fn main() -> ExitCode {
    match app::run(&Cli::read()) {
        Ok(status) => ExitCode::from(status.code()),
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "whoever typed the command reads this")]
            {
                eprintln!("deskbell: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
