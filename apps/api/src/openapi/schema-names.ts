import * as contracts from '@tributary/contracts';
import { z } from 'zod';

/** Names under which schemas stand in `components`. */
export const schemaNames = z.registry<{ id: string }>();

const named = {
  Problem: contracts.problem,
  Platform: contracts.platformResource,
  Connection: contracts.connectionResource,
  ConnectionDraft: contracts.connectionDraft,
  ConnectionCheck: contracts.connectionCheck,
  ConnectionHealth: contracts.connectionHealth,
  BudgetReport: contracts.budgetReport,
  Checkpoint: contracts.checkpointResource,
  Space: contracts.spaceResource,
  Device: contracts.deviceResource,
  Series: contracts.seriesResource,
  LatestPoint: contracts.latestPoint,
  RawPoint: contracts.rawPoint,
  AggregatedPoint: contracts.aggregatedPoint,
  CommandDescription: contracts.commandDescription,
  CommandDraft: contracts.commandDraft,
  Command: contracts.commandResource,
  Transition: contracts.transitionResource,
  Evidence: contracts.evidence,
  PlatformFailure: contracts.wireError,
  File: contracts.fileResource,
  EntityType: contracts.entityTypeResource,
  Entity: contracts.entityResource,
  EntityDraft: contracts.entityDraft,
  RelationDraft: contracts.relationDraft,
  PlatformUser: contracts.platformUser,
  PlatformUserDraft: contracts.platformUserDraft,
  GraphqlRequest: contracts.graphqlRequest,
  GraphqlAnswer: contracts.graphqlAnswer,
  UploadedFile: contracts.uploadedFile,
  PlatformEvent: contracts.platformEventResource,
  LoggedEvent: contracts.eventResource,
  ParkedMessage: contracts.parkedMessageResource,
  ApiKey: contracts.apiKeyResource,
  Json: contracts.json,
} satisfies Record<string, z.ZodType>;

for (const [id, schema] of Object.entries(named)) schemaNames.add(schema, { id });
