//! `sendtestemail`: whether mail leaves, and if not, why.

use crate::command::{Arg, ArgAction, ArgMatches, Command, Context};
use crate::email::EmailMessage;
use crate::error::{Error, Result};
use crate::say;

pub(super) fn command() -> Command {
    Command::new("sendtestemail", "Sends a mail, to see whether it can be sent")
        .arguments(|command| {
            let addresses = Arg::new("addresses").num_args(1..).help("Who gets it");
            let admins = Arg::new("admins").long("admins").action(ArgAction::SetTrue);
            command.arg(addresses).arg(admins.help("The setting ADMINS says who gets it"))
        })
        .run(|context, matches| async move { run(&context, &matches).await })
}

async fn run(context: &Context, matches: &ArgMatches) -> Result<()> {
    let mailer = context.mailer()?;
    let subject = format!("Test mail from {}", context.settings.site_name);
    let body = "If you can read this, the site can send mail.\n";
    let addresses: Vec<_> = matches.get_many::<String>("addresses").into_iter().flatten().collect();
    if addresses.is_empty() && !matches.get_flag("admins") {
        return Err(Error::Usage(
            "say who gets the mail: sendtestemail ann@site.example, or --admins".into(),
        ));
    }
    for address in addresses {
        mailer.send(EmailMessage::new(&subject, body).to(address)).await?;
        say!("Sent to {address}.");
    }
    if matches.get_flag("admins") {
        let none =
            || Error::Refused("the setting ADMINS is empty; set it to addresses, separated by commas".into());
        mailer.send(mailer.to_admins(&subject, body).ok_or_else(none)?).await?;
        say!("Sent to the admins.");
    }
    Ok(())
}
