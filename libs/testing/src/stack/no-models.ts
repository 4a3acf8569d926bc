/** For stacks of tests: whose key is set, and what runs on this machine, must not decide which model their agents have. */
export const noModels: Readonly<Record<string, string>> = {
  ANTHROPIC_API_KEY: '',
  OPENAI_API_KEY: '',
  GOOGLE_GENERATIVE_AI_API_KEY: '',
  MISTRAL_API_KEY: '',
  SKYNET_MODEL_PORTS: 'none',
};
