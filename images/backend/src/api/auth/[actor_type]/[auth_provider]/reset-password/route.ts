import type { MedusaRequest as Request, MedusaResponse as Response } from "@medusajs/framework/http";
import { ContainerRegistrationKeys } from "@medusajs/framework/utils";
import { generateResetPasswordTokenWorkflow } from "@medusajs/medusa/core-flows";

type Asked = { identifier: string; metadata?: Record<string, unknown> };

/**
 * Takes the place of Medusa's own route, which answers when the token is made and the event is sent: sooner where there
 * is nobody to send it to. Here nobody's answer waits for it.
 */
export async function POST(request: Request<Asked>, response: Response): Promise<void> {
  const { auth_provider: provider = "", actor_type: actorType = "" } = request.params;
  const { identifier: entityId, metadata = {} } = request.validatedBody;
  const { http } = request.scope.resolve(ContainerRegistrationKeys.CONFIG_MODULE).projectConfig;
  response.sendStatus(201);
  const input = { entityId, actorType, provider, secret: http.jwtSecret ?? "", jwtOptions: http.jwtOptions, metadata };
  try {
    await generateResetPasswordTokenWorkflow(request.scope).run({ input, throwOnError: false } as never);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    request.scope.resolve(ContainerRegistrationKeys.LOGGER).error(`A password reset was not sent: ${why}`);
  }
}
