//! Which subplans give the same rows, whatever their columns are called.
//!
//! Two subplans are of one class if they give the same rows but for the columns that are shown of them. Every
//! column has a number that says how it comes out of its class, so that two resolutions of one view, whose columns
//! have other names and of which other columns are read, are of one class with (partly) the same numbers.
//! Projections and window functions compute columns and never change rows.

use datafusion::catalog::TableProvider;
use datafusion::common::metadata::FieldMetadata;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::expr::Alias;
use datafusion::logical_expr::{Distinct, Expr, LogicalPlan};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Number of a class.
pub(super) type Class = usize;
/// Number of a column, of whichever class.
pub(super) type ColumnId = usize;

/// What is known of the rows of one subplan.
#[derive(Debug, Clone)]
pub(super) struct Described {
    pub class: Class,
    /// The columns that it shows, in their order.
    pub columns: Vec<ColumnId>,
    /// Whether it takes more than reading and filtering a table.
    pub is_costly: bool,
    /// Whether its rows come out of an aggregate or the like without a join after it.
    pub is_reduced: bool,
}

/// Everything that decides about rows; expressions are over numbers of columns.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Rows {
    Scan {
        provider: usize,
        filters: Vec<Expr>,
        fetch: Option<usize>,
    },
    Filter {
        input: Class,
        predicate: Expr,
    },
    Aggregate {
        input: Class,
        groups: Vec<Expr>,
    },
    Distinct {
        input: Class,
        columns: BTreeSet<ColumnId>,
    },
    Window {
        input: Class,
    },
    Sort {
        input: Class,
        keys: Vec<(Expr, bool, bool)>,
        fetch: Option<usize>,
    },
    Limit {
        input: Class,
        skip: Option<Expr>,
        fetch: Option<Expr>,
    },
    Union {
        inputs: Vec<Class>,
    },
    Join {
        sides: (Class, Class),
        how: (JoinType, NullEquality),
        on: Vec<(Expr, Expr)>,
        filter: Option<Expr>,
    },
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Origin {
    Base(String),
    Computed(Expr),
    Group(usize),
    Left(ColumnId),
    Right(ColumnId),
    Union(Vec<ColumnId>),
}

/// The classes of one query.
#[derive(Debug, Default)]
pub(super) struct Classes {
    rows: HashMap<Rows, Class>,
    origins: HashMap<Origin, ColumnId>,
    windows: BTreeSet<Class>,
    /// Held, so that no other provider gets the address of one of them.
    providers: Vec<Arc<dyn TableProvider>>,
    /// By address of the subplan; none: it cannot be shared.
    described: HashMap<usize, Option<Described>>,
}

impl Classes {
    /// What [`Classes::add`] found out.
    pub fn of(&self, plan: &LogicalPlan) -> Option<&Described> {
        self.described.get(&address(plan))?.as_ref()
    }

    /// Describes `plan`, whose inputs have been added.
    pub fn add(&mut self, plan: &LogicalPlan) {
        let described = self.describe(plan);
        self.described.insert(address(plan), described);
    }

    fn describe(&mut self, plan: &LogicalPlan) -> Option<Described> {
        match plan {
            LogicalPlan::TableScan(scan) => {
                let provider = source_as_provider(&scan.source).ok()?;
                let address = Arc::as_ptr(&provider).cast::<()>() as usize;
                self.providers.push(provider);
                let fields = scan.source.schema();
                let names = match &scan.projection {
                    None => fields.fields().iter().map(|field| field.name()).collect::<Vec<_>>(),
                    Some(columns) => columns.iter().map(|at| fields.field(*at).name()).collect(),
                };
                let columns = names.into_iter().map(|name| self.origin(Origin::Base(name.clone())));
                let columns = columns.collect();
                // A filter may be over columns that the scan does not show: those are told by their names.
                let filters = scan.filters.iter().map(|filter| plain(filter.clone()));
                let filters = filters.collect::<Option<Vec<_>>>()?;
                let rows = Rows::Scan { provider: address, filters, fetch: scan.fetch };
                Some(Described {
                    class: self.class(rows),
                    columns,
                    is_costly: false,
                    is_reduced: false,
                })
            }
            LogicalPlan::SubqueryAlias(alias) => self.of(&alias.input).cloned(),
            LogicalPlan::Projection(projection) => {
                let input = self.of(&projection.input)?.clone();
                let names = Names::of(&projection.input, &input.columns);
                let columns = projection.expr.iter().map(|expr| self.computed(expr, &names));
                Some(Described { columns: columns.collect::<Option<_>>()?, ..input })
            }
            LogicalPlan::Filter(filter) => {
                let input = self.of(&filter.input)?.clone();
                let predicate = Names::of(&filter.input, &input.columns).over(&filter.predicate)?;
                let class = self.class(Rows::Filter { input: input.class, predicate });
                Some(Described { class, ..input })
            }
            LogicalPlan::Aggregate(aggregate) => {
                let input = self.of(&aggregate.input)?.clone();
                let names = Names::of(&aggregate.input, &input.columns);
                let groups = aggregate.group_expr.iter().map(|expr| names.over(expr));
                let groups = groups.collect::<Option<Vec<_>>>()?;
                let class = self.class(Rows::Aggregate { input: input.class, groups });
                let n_groups = aggregate.schema.fields().len() - aggregate.aggr_expr.len();
                let mut columns: Vec<_> =
                    (0..n_groups).map(|group| self.origin(Origin::Group(group))).collect();
                for expr in &aggregate.aggr_expr {
                    columns.push(self.computed(expr, &names)?);
                }
                Some(Described { class, columns, is_costly: true, is_reduced: true })
            }
            LogicalPlan::Distinct(Distinct::All(below)) => {
                let input = self.of(below)?.clone();
                let columns = input.columns.iter().copied().collect();
                let class = self.class(Rows::Distinct { input: input.class, columns });
                Some(Described { class, columns: input.columns, is_costly: true, is_reduced: true })
            }
            LogicalPlan::Window(window) => {
                let input = self.of(&window.input)?.clone();
                let names = Names::of(&window.input, &input.columns);
                // One class for a chain of them, another one than that of the rows below.
                let class = match self.windows.contains(&input.class) {
                    true => input.class,
                    false => self.class(Rows::Window { input: input.class }),
                };
                self.windows.insert(class);
                let is_reduced = input.is_reduced;
                let mut columns = input.columns;
                for expr in &window.window_expr {
                    columns.push(self.computed(expr, &names)?);
                }
                Some(Described { class, columns, is_costly: true, is_reduced })
            }
            LogicalPlan::Sort(sort) => {
                let input = self.of(&sort.input)?.clone();
                let names = Names::of(&sort.input, &input.columns);
                let keys = sort
                    .expr
                    .iter()
                    .map(|key| names.over(&key.expr).map(|expr| (expr, key.asc, key.nulls_first)));
                let keys = keys.collect::<Option<Vec<_>>>()?;
                let class = self.class(Rows::Sort { input: input.class, keys, fetch: sort.fetch });
                Some(Described { class, is_costly: true, ..input })
            }
            LogicalPlan::Limit(limit) => {
                let input = self.of(&limit.input)?.clone();
                let (skip, fetch) =
                    (limit.skip.as_deref().cloned(), limit.fetch.as_deref().cloned());
                let class = self.class(Rows::Limit { input: input.class, skip, fetch });
                Some(Described { class, ..input })
            }
            LogicalPlan::Union(union) => {
                let inputs = union.inputs.iter().map(|input| self.of(input).cloned());
                let inputs = inputs.collect::<Option<Vec<_>>>()?;
                let classes = inputs.iter().map(|input| input.class).collect();
                let is_reduced = inputs.iter().all(|input| input.is_reduced);
                let is_costly = inputs.iter().any(|input| input.is_costly);
                let columns = (0..union.schema.fields().len()).map(|at| {
                    let ids = inputs.iter().map(|input| input.columns.get(at).copied());
                    Some(self.origin(Origin::Union(ids.collect::<Option<_>>()?)))
                });
                let columns = columns.collect::<Option<_>>()?;
                let class = self.class(Rows::Union { inputs: classes });
                Some(Described { class, columns, is_costly, is_reduced })
            }
            LogicalPlan::Join(join) => {
                let (left, right) = (self.of(&join.left)?.clone(), self.of(&join.right)?.clone());
                let left_names = Names::of(&join.left, &left.columns);
                let right_names = Names::of(&join.right, &right.columns);
                let on =
                    join.on.iter().map(|(l, r)| Some((left_names.over(l)?, right_names.over(r)?)));
                let on = on.collect::<Option<Vec<_>>>()?;
                let lefts: Vec<_> =
                    left.columns.iter().map(|id| self.origin(Origin::Left(*id))).collect();
                let rights: Vec<_> =
                    right.columns.iter().map(|id| self.origin(Origin::Right(*id))).collect();
                let filter = match &join.filter {
                    None => None,
                    Some(filter) => {
                        let names = Names::of(&join.left, &lefts).and(&join.right, &rights);
                        Some(names.over(filter)?)
                    }
                };
                let columns = match join.join_type {
                    JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => {
                        lefts.into_iter().chain(rights).collect()
                    }
                    JoinType::LeftSemi | JoinType::LeftAnti if !join.null_aware => lefts,
                    JoinType::RightSemi | JoinType::RightAnti => rights,
                    _ => return None,
                };
                let how = (join.join_type, join.null_equality);
                let sides = (left.class, right.class);
                let class = self.class(Rows::Join { sides, how, on, filter });
                Some(Described { class, columns, is_costly: true, is_reduced: false })
            }
            // Operators of ours among them: what Python functions give, or which partition a row is in, may be
            // another thing each time.
            _ => None,
        }
    }

    fn class(&mut self, rows: Rows) -> Class {
        let next = self.rows.len();
        *self.rows.entry(rows).or_insert(next)
    }

    fn origin(&mut self, origin: Origin) -> ColumnId {
        let next = self.origins.len();
        *self.origins.entry(origin).or_insert(next)
    }

    fn computed(&mut self, expr: &Expr, names: &Names) -> Option<ColumnId> {
        let expr = names.over(expr)?;
        if let Expr::Column(column) = &expr {
            return column.name.parse().ok();
        }
        Some(self.origin(Origin::Computed(expr)))
    }
}

fn address(plan: &LogicalPlan) -> usize {
    std::ptr::from_ref(plan) as usize
}

/// Numbers of columns by their names in one or two inputs.
struct Names(HashMap<Column, ColumnId>);

impl Names {
    fn of(input: &LogicalPlan, ids: &[ColumnId]) -> Self {
        Self(HashMap::new()).and(input, ids)
    }

    fn and(mut self, input: &LogicalPlan, ids: &[ColumnId]) -> Self {
        self.0.extend(input.schema().columns().into_iter().zip(ids.iter().copied()));
        self
    }

    fn find(&self, column: &Column) -> Option<ColumnId> {
        if let Some(id) = self.0.get(column) {
            return Some(*id);
        }
        let mut same = self.0.iter().filter(|(other, _)| {
            other.name == column.name && (other.relation.is_none() || column.relation.is_none())
        });
        match (same.next(), same.next()) {
            (Some((_, id)), None) => Some(*id),
            _ => None,
        }
    }

    /// `expr` over numbers; none if it may be another thing each time.
    fn over(&self, expr: &Expr) -> Option<Expr> {
        let mut unknown = false;
        let over = plain(expr.clone())?.transform_up(|part| match part {
            Expr::Column(column) => match self.find(&column) {
                Some(id) => {
                    Ok(Transformed::yes(Expr::Column(Column::new_unqualified(id.to_string()))))
                }
                None => {
                    unknown = true;
                    Ok(Transformed::no(Expr::Column(column)))
                }
            },
            part => Ok(Transformed::no(part)),
        });
        over.ok().map(|over| over.data).filter(|_| !unknown)
    }
}

/// `expr` without names; none if it holds a subquery or may be another thing each time.
fn plain(expr: Expr) -> Option<Expr> {
    let mut is_plain = true;
    let walk = expr.apply(|part| {
        is_plain &= !matches!(
            part,
            Expr::ScalarSubquery(_)
                | Expr::Exists(_)
                | Expr::InSubquery(_)
                | Expr::SetComparison(_)
                | Expr::OuterReferenceColumn(..)
                | Expr::Placeholder(_)
        ) && !part.is_volatile_node();
        Ok(if is_plain { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    if walk.is_err() || !is_plain {
        return None;
    }
    let bare = expr.transform_up(|part| match part {
        Expr::Alias(alias) if alias.metadata.as_ref().is_none_or(FieldMetadata::is_empty) => {
            Ok(Transformed::yes(*alias.expr))
        }
        Expr::Alias(alias) => {
            let (relation, name) = (None, String::new());
            Ok(Transformed::yes(Expr::Alias(Alias { relation, name, ..alias })))
        }
        part => Ok(Transformed::no(part)),
    });
    Some(bare.ok()?.data)
}
