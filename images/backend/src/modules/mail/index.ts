import { ModuleProvider, Modules } from "@medusajs/framework/utils";
import { SmtpService } from "./smtp-service.ts";

// oxlint-disable-next-line import/no-default-export -- Medusa loads a module provider by its default export.
export default ModuleProvider(Modules.NOTIFICATION, { services: [SmtpService] });
