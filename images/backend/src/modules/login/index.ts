import { ModuleProvider, Modules } from "@medusajs/framework/utils";
import { LoginService } from "./login-service.ts";

// oxlint-disable-next-line import/no-default-export -- Medusa loads a module provider by its default export.
export default ModuleProvider(Modules.AUTH, { services: [LoginService] });
