//! `goto-microapps check`.

use std::process::ExitCode;

use goto_microapps::config::Settings;

use super::{Configured, online, say};

pub(super) fn check(configured: &Configured, look_outside: bool) -> ExitCode {
    match configured.load() {
        Ok(settings) => {
            say(&describe(&settings));
            if look_outside {
                online::check(&settings)
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(refused) => refused,
    }
}

fn describe(settings: &Settings) -> String {
    let Settings {
        server,
        admin,
        goto,
        embedding,
        integration,
        organizers,
        activity_log,
        zones,
        ..
    } = settings;
    let sync = match organizers.sync_every {
        Some(every) => format!("every {} minutes", every.as_secs() / 60),
        None => "only by hand".to_owned(),
    };
    let log = if activity_log.enabled {
        format!("kept {} hours", activity_log.retention.as_secs() / 3600)
    } else {
        "off".to_owned()
    };
    let database = if is_sqlite(settings) {
        "SQLite, for one host"
    } else {
        "PostgreSQL, shared by all replicas"
    };
    let mut text = format!(
        "The configuration is good. `goto-microapps serve` would:

  show the integration as  {name}
  serve employees on       {listen}, known to them as {public_url}
  serve administrators on  {admin} (/admin, /health)
  keep its data in         {database}
  sign in at GoTo through  {authorize_url}
  call GoTo at             {api_base}, at most {requests} requests in any {interval} seconds and {second} in any second
  read the organizers of   account {account}, {sync}
  support log              {log}
  count time zones by      tzdata {tzdata} ({origin})

Register these callback URLs in GoTo's developer portal:
  service account  {service}
  employees        {employees}

Pages that may embed the widget:
  {origins}

Embed it with:
  <script src=\"{public_url}embed.js\" async></script>",
        name = integration.name,
        tzdata = zones.version(),
        origin = zones.origin(),
        listen = server.listen,
        public_url = server.public_url,
        admin = admin.listen,
        authorize_url = goto.authorize_url,
        api_base = goto.api_base,
        requests = goto.requests,
        interval = goto.interval.as_secs(),
        second = goto.requests_per_second,
        account = goto.account_id,
        service = goto.service_account.redirect_url,
        employees = goto.employees.redirect_url,
        origins = embedding.origins.join("\n  "),
    );
    for warning in &settings.warnings {
        text.push_str("\n\nwarning: ");
        text.push_str(warning);
    }
    text
}

fn is_sqlite(settings: &Settings) -> bool {
    use secrecy::ExposeSecret;
    settings.store.url.expose_secret().starts_with("sqlite:")
}
