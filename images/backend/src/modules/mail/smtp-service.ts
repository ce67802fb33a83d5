import type {
  Logger,
  ProviderSendNotificationDTO,
  ProviderSendNotificationResultsDTO,
} from "@medusajs/framework/types";
import { AbstractNotificationProviderService } from "@medusajs/framework/utils";
import { createTransport, type Transporter } from "nodemailer";
import type { Mail } from "../../mail-environment.ts";
import { messageId, smtpOptions } from "./smtp-options.ts";

/** What medusa-config.ts gives it: Medusa reads `channels`, the rest is ours. */
export type SmtpProviderOptions = { channels: string[]; mail: Mail };

/** Sends Medusa's notifications of the channel "email" through a mail server; Amazon's SES is one by its SMTP endpoint. */
export class SmtpService extends AbstractNotificationProviderService {
  static override identifier = "smtp";
  private readonly transport: Transporter;
  private readonly mail: Mail;

  constructor(_container: { logger: Logger }, { mail }: SmtpProviderOptions) {
    super();
    this.mail = mail;
    this.transport = createTransport(smtpOptions(mail));
  }

  override async send(notification: ProviderSendNotificationDTO): Promise<ProviderSendNotificationResultsDTO> {
    const { to, content, provider_data: given } = notification;
    if (!content) throw new Error(`the letter ${notification.template} has no content`);
    const key = given?.["key"];
    const sent = (await this.transport.sendMail({
      from: this.mail.from,
      to,
      subject: content.subject ?? "",
      text: content.text ?? "",
      html: content.html ?? "",
      // No mailbox answers by itself to what a shop sends (RFC 3834).
      headers: { "Auto-Submitted": "auto-generated" },
      ...(typeof key === "string" ? { messageId: messageId(key, this.mail.from) } : {}),
    })) as { messageId: string };
    return { id: sent.messageId };
  }
}
