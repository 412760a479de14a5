/**
 * Ids of the devices that are in these spaces or in spaces below them. A device that has no space of its own is where
 * its parent is. `workspace` and `spaces` are placeholders of a text and of an array of text. Circles end.
 */
export const devicesWithin = (workspace: string, spaces: string): string => `
  with recursive within(id) as (
    select p.id from space p where p.id = any(${spaces}::text[]) and p.workspace_id = ${workspace}
    union
    select p.id from space p join within w on p.parent_id = w.id where p.workspace_id = ${workspace}
  ), inside(id) as (
    select e.id from device e join within w on e.space_id = w.id where e.workspace_id = ${workspace}
    union
    select e.id from device e join inside i on e.parent_id = i.id
    where e.space_id is null and e.workspace_id = ${workspace}
  )
  select id from inside`;
