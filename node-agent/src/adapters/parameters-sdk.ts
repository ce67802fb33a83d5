/** What is used of the SSM client; named here so that the bundle holds no more than this of its 150 commands. */
export { GetParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
