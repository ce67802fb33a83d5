import { config } from "zod";

// A process reads each document once: code compiled for its schema would cost more than it saves.
config({ jitless: true });
