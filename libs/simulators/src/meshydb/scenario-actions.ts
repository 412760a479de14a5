import { Actions } from '../kit/actions.ts';
import { documentActions } from './document-actions.ts';
import { readingActions } from './reading-actions.ts';
import type { MeshydbScenario } from './scenario.ts';
import type { MeshydbState } from './state.ts';
import { vendorActions } from './vendor-actions.ts';

export interface ActionParts {
  state: MeshydbState;
  scenario: MeshydbScenario;
}

export const meshydbActions = (parts: ActionParts): Actions =>
  new Actions({ ...readingActions(parts), ...documentActions(parts), ...vendorActions(parts.state) });
