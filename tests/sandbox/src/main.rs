//! Runs a sandbox until Ctrl-C.

use std::io::Write;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Parser;
use goto_sandbox::{
    ACCOUNT_KEY, EMPLOYEE_CLIENT_ID, EMPLOYEE_CLIENT_SECRET, Options, Pkce, Rotation,
    SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, Sandbox, Times,
};

/// A local GoTo on loopback.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Port; 0 takes any
    #[arg(long, default_value_t = 8999)]
    port: u16,
    /// Host name in printed URLs, such as goto.localhost
    #[arg(long)]
    public_host: Option<String>,
    /// Stand the clock at this time (RFC 3339) until it is advanced over the control API
    #[arg(long)]
    start: Option<DateTime<Utc>>,
    /// How many people can host
    #[arg(long, default_value_t = 250)]
    organizers: usize,
    /// Rows a page of users has at most
    #[arg(long, default_value_t = 100)]
    max_page_size: usize,
    /// Requests per second and API before 429; 0 for no limit
    #[arg(long, default_value_t = 10)]
    requests_per_second: u32,
    /// Send Retry-After: 1 with 429
    #[arg(long)]
    retry_after: bool,
    /// Take tokens only as Authorization: Bearer
    #[arg(long)]
    strict_bearer: bool,
    /// When a refresh brings a new refresh token
    #[arg(long, value_enum, default_value_t)]
    rotate_refresh: Rotation,
    /// What is done with PKCE
    #[arg(long, value_enum, default_value_t)]
    pkce: Pkce,
    /// Send an empty list of users as [] instead of leaving it out
    #[arg(long)]
    results_always: bool,
    /// How times are written in answers about meetings
    #[arg(long, value_enum, default_value_t)]
    times: Times,
    /// A redirect URL of the server client, whole; none takes any host
    #[arg(long, value_name = "URL")]
    service_redirect: Vec<String>,
    /// A redirect URL of the employees' client, whole; none takes any host
    #[arg(long, value_name = "URL")]
    employee_redirect: Vec<String>,
    /// Host of join URLs
    #[arg(long, default_value = "meet.goto.com")]
    join_host: String,
    /// Milliseconds each request takes before it is handled
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Decides names, keys and the dice of faults
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl From<Arguments> for Options {
    fn from(arguments: Arguments) -> Self {
        Self {
            port: arguments.port,
            public_host: arguments.public_host,
            start: arguments.start,
            organizers: arguments.organizers,
            max_page_size: arguments.max_page_size,
            requests_per_second: arguments.requests_per_second,
            retry_after: arguments.retry_after,
            strict_bearer: arguments.strict_bearer,
            rotate_refresh: arguments.rotate_refresh,
            pkce: arguments.pkce,
            results_omitted_when_empty: !arguments.results_always,
            times: arguments.times,
            join_host: arguments.join_host,
            latency: Duration::from_millis(arguments.latency_ms),
            seed: arguments.seed,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let redirects = [
        (SERVICE_CLIENT_ID, arguments.service_redirect.clone()),
        (EMPLOYEE_CLIENT_ID, arguments.employee_redirect.clone()),
    ];
    let sandbox = Sandbox::start(arguments.into()).await?;
    for (client, urls) in redirects {
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        sandbox.register_redirects(client, &urls)?;
    }
    introduce(&sandbox, &mut std::io::stdout().lock())?;
    tokio::signal::ctrl_c().await?;
    Ok(())
}

fn introduce(sandbox: &Sandbox, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "GoTo sandbox")?;
    writeln!(out, "  API base        {}", sandbox.base_url())?;
    writeln!(out, "  authorize URL   {}", sandbox.authorize_url())?;
    writeln!(out, "  token URL       {}", sandbox.token_url())?;
    writeln!(out, "  control API     {}sandbox/", sandbox.base_url())?;
    writeln!(out, "  account         {ACCOUNT_KEY}")?;
    writeln!(out, "  server client   {SERVICE_CLIENT_ID}")?;
    writeln!(out, "           secret {SERVICE_CLIENT_SECRET}")?;
    writeln!(out, "  client          {EMPLOYEE_CLIENT_ID}")?;
    writeln!(out, "           secret {EMPLOYEE_CLIENT_SECRET}")?;
    writeln!(out, "Sign in as")?;
    let mut people = sandbox.employees();
    people.truncate(5);
    people.extend([sandbox.unlicensed(), sandbox.admin()]);
    for person in people {
        writeln!(out, "  {:<34} {}", person.email, person.name)?;
    }
    writeln!(out, "Ctrl-C stops it.")?;
    out.flush()
}
