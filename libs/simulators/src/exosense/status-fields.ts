import type { Asset } from './asset.ts';
import { numberOf, timeText } from './datapoint.ts';
import { contains, isAmong, limitOf, type Paged, pageOf, resolver, rootField } from './resolver.ts';
import type { Condition, LogEntry, RuleState } from './rule-states.ts';
import type { Resolvers } from './schema-dialect.ts';
import { InputRefused } from './vendor-error.ts';

interface StateFilter {
  asset_ids?: Array<string | null> | null;
  levels?: Array<string | null> | null;
  categories?: Array<string | null> | null;
}

interface LogsArgs extends Paged {
  filters?: (StateFilter & { text?: string | null }) | null;
}

interface ConditionArgs extends Paged {
  query?: StateFilter[] | null;
  order?: Array<{ field: string; direction?: string | null }> | null;
}

const fits = (filter: StateFilter | null | undefined, one: LogEntry | Condition): boolean =>
  isAmong(filter?.asset_ids, one.asset.id) &&
  isAmong(filter?.levels, one.level) &&
  isAmong(filter?.categories, one.category);

/** A rule's state as fields of the same names show it. */
export const presentedState = ({ timestamp, level, value, additionalFields }: RuleState) => ({
  timestamp: timeText(timestamp),
  level,
  value: numberOf(value),
  valueString: typeof value === 'string' ? value : JSON.stringify(value),
  additionalFields,
});

export const statusFields: Resolvers = {
  Query: {
    assetStatuses: rootField<{ ids: Array<string | null> }>(({ ids }, { state, caller, meter }) => {
      const found = ids.flatMap((id) => (id === null ? [] : (state.assetFor(caller, id) ?? [])));
      meter.items(found.length);
      return found;
    }),
    logs: rootField<LogsArgs>(({ filters, pagination }, { state, caller, meter }) => {
      const found = state.rules
        .log()
        .filter(
          (entry) =>
            state.sees(caller, entry.asset.group) && fits(filters, entry) && contains(filters?.text, entry.asset.name),
        );
      const page = pageOf(found, pagination);
      meter.items(page.length);
      return page.map((entry) => ({ ...entry, timestamp: timeText(entry.timestamp), user: null }));
    }),
    conditionQuery: rootField<ConditionArgs>((args, { state, caller, meter }) => {
      const seen = state.assets().filter((asset) => state.sees(caller, asset.group));
      const found = state.rules
        .conditions(seen)
        .filter((one) => (args.query ?? []).every((filter) => fits(filter, one)))
        .sort(ordering(args.order ?? []));
      const page = pageOf(found, args.pagination);
      meter.items(page.length);
      return {
        total: found.length,
        results: page.map((one) => ({ ...presentedState(one), id: one.id, asset: one.asset, category: one.category })),
      };
    }),
  },
  AssetStatus: {
    categories: resolver<Asset, { options?: { limit?: number | null } | null }>((asset, { options }, { state }) => {
      const limit = limitOf(options?.limit);
      return state.rules
        .categories(asset)
        .map(({ category, values }) => ({ category, values: values.slice(0, limit).map(presentedState) }));
    }),
  },
};

/** Newest first unless something else is asked for. */
function ordering(order: NonNullable<ConditionArgs['order']>): (a: Condition, b: Condition) => number {
  const fields = order.length > 0 ? order : [{ field: 'timestamp', direction: 'desc' }];
  const unknown = fields.find(({ field }) => !['timestamp', 'level', 'category'].includes(field));
  if (unknown) throw new InputRefused(`cannot order by ${unknown.field}`);
  return (a, b) => {
    for (const { field, direction } of fields) {
      const [left, right] = [a, b].map((one) => one[field as 'timestamp' | 'level' | 'category']);
      const sign = direction === 'desc' ? -1 : 1;
      if (left !== undefined && right !== undefined && left !== right) return left < right ? -sign : sign;
    }
    return 0;
  };
}
