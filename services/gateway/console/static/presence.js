// "Still here", every half minute, from any page: ninety seconds of silence count as disconnected.
import { ask } from "./sending.js";

const EVERY = 30_000;

export function presence() {
  const beat = () => ask("POST", "/v1/me/heartbeat").catch(() => undefined);
  beat();
  setInterval(beat, EVERY);
}
