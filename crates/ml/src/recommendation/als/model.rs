//! `ALSModel`: factors of users and items; predictions are their inner products.

use super::ids::{id_expr, ids};
use super::recommend::{RECOMMEND, Recommender, recommendation_type};
use super::train::Factors;
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::model::{Answer, Argument, Model, TableArgument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{
    ArrayRef, AsArray, BooleanArray, Float32Array, Int32Array, ListArray, RecordBatch,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Int32Type};
use datafusion_expr::{Expr, LogicalPlanBuilder, lit};
use firesteel_common::{Frame, Result, SparkType, StructField, StructType, TableHost};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Factors of one side as they travel.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::recommendation) struct Side {
    pub rank: usize,
    pub ids: Vec<i32>,
    pub values: Vec<f32>,
    /// Position of every id's factor; made when it is first needed.
    #[serde(skip)]
    positions: OnceLock<HashMap<i32, u32>>,
}

impl Side {
    pub(super) fn new(rank: usize, factors: Factors) -> Self {
        Self { rank, ids: factors.ids, values: factors.values, positions: OnceLock::new() }
    }

    pub(super) fn factor(&self, id: i32) -> Option<&[f32]> {
        let positions = self
            .positions
            .get_or_init(|| self.ids.iter().enumerate().map(|(at, id)| (*id, at as u32)).collect());
        let at = *positions.get(&id)? as usize;
        self.values.get(at * self.rank..(at + 1) * self.rank)
    }
}

/// What predictions are made of.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Predictor {
    user_col: String,
    item_col: String,
    #[serde(with = "held")]
    users: Arc<Side>,
    #[serde(with = "held")]
    items: Arc<Side>,
}

/// Serde form of a side that several functions hold.
pub(super) mod held {
    use super::Side;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub(crate) fn serialize<S: Serializer>(side: &Arc<Side>, to: S) -> Result<S::Ok, S::Error> {
        Side::serialize(side, to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Side>, D::Error> {
        Side::deserialize(from).map(Arc::new)
    }
}

/// Predicted ratings, NaN for users and items that are not known.
pub(crate) static PREDICT: FunctionKind<Predictor> = FunctionKind::new("als.predict", predict);

/// Which ids of a column a side knows.
pub(crate) static KNOWN: FunctionKind<Predictor> = FunctionKind::new("als.known", known);

fn predict(model: &Predictor, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let users = ids(&args[0], &model.user_col)?;
    let items = ids(&args[1], &model.item_col)?;
    let predictions = (0..n_rows).map(|row| {
        let user = model.users.factor(users.value(row));
        match (user, model.items.factor(items.value(row))) {
            (Some(user), Some(item)) => user.iter().zip(item).map(|(x, y)| x * y).sum(),
            _ => f32::NAN,
        }
    });
    Ok(Arc::new(Float32Array::from_iter_values(predictions)))
}

fn known(model: &Predictor, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let users = ids(&args[0], &model.user_col)?;
    let known = (0..n_rows).map(|row| Some(model.users.factor(users.value(row)).is_some()));
    Ok(Arc::new(known.collect::<BooleanArray>()))
}

/// The fitted model.
#[derive(Debug)]
pub(crate) struct AlsModel {
    rank: usize,
    users: Arc<Side>,
    items: Arc<Side>,
}

impl AlsModel {
    pub(super) fn new(rank: usize, users: Factors, items: Factors) -> Self {
        let side = |factors| Arc::new(Side::new(rank, factors));
        Self { rank, users: side(users), items: side(items) }
    }

    /// The `n` best of `of` for each row of `frame`, whose only column holds ids of `for_side`.
    fn recommend(
        frame: Frame,
        names: (&str, &str),
        (for_side, of): (&Arc<Side>, &Arc<Side>),
        n: usize,
    ) -> Result<Frame> {
        let recommender = Shared::new(Recommender {
            n,
            name: names.1.to_owned(),
            own: Arc::clone(for_side),
            others: Arc::clone(of),
        });
        let Some(id) = frame.columns.first() else { return Ok(frame) };
        let id = id.expr();
        let kind = recommendation_type(names.1);
        let call = RECOMMEND.call(&recommender, &kind, true, vec![id.clone()]);
        frame.select(vec![
            (id, StructField::new(names.0, SparkType::Integer, false)),
            (call, StructField::new("recommendations", kind, true)),
        ])
    }

    fn subset(
        &self,
        input: Frame,
        names: (&str, &str),
        sides: (&Arc<Side>, &Arc<Side>),
        n: usize,
    ) -> Result<Frame> {
        let column = input.column(names.0)?;
        let kind = column.field.data_type.clone();
        if !kind.is_numeric() {
            return Err(error::requirement(format!(
                "Column {} must be of type numeric but was actually of type {}.",
                names.0,
                kind.simple_string()
            )));
        }
        let expr = column.expr();
        let field = StructField::new(names.0, SparkType::Integer, true);
        let chosen = input.select(vec![(datafusion_expr::cast(expr, DataType::Int32), field)])?;
        let plan = LogicalPlanBuilder::from(chosen.plan.clone()).distinct()?.build()?;
        let distinct = Frame { plan, ..chosen };
        let Some(id) = distinct.columns.first() else { return Ok(distinct) };
        let lookup = Shared::new(Predictor {
            user_col: names.0.to_owned(),
            item_col: String::new(),
            users: Arc::clone(sides.0),
            items: Arc::default(),
        });
        let is_known = KNOWN.call(&lookup, &SparkType::Boolean, false, vec![id.expr()]);
        Self::recommend(distinct.filter(is_known)?, names, sides, n)
    }
}

fn id_column(side: &Side) -> ArrayRef {
    Arc::new(Int32Array::from(side.ids.clone()))
}

fn factor_type() -> SparkType {
    SparkType::Array { element: Box::new(SparkType::Float), contains_null: false }
}

fn factor_column(side: &Side) -> Result<ArrayRef> {
    let DataType::List(element) = factor_type().to_arrow() else {
        return Err(firesteel_common::SparkError::internal("an array type is a list"));
    };
    let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(side.rank, side.ids.len()));
    let values = Arc::new(Float32Array::from(side.values.clone()));
    Ok(Arc::new(ListArray::try_new(element, offsets, values, None)?))
}

fn factors_frame(side: &Side, host: &mut dyn TableHost) -> Result<Frame> {
    let table = factors_table(side)?;
    host.rows(table.schema, &[table.batch])
}

fn factors_table(side: &Side) -> Result<Table> {
    Table::new(vec![
        ("id", SparkType::Integer, id_column(side)),
        ("features", factor_type(), factor_column(side)?),
    ])
}

fn ids_frame(side: &Side, host: &mut dyn TableHost) -> Result<Frame> {
    let schema = StructType::new(vec![StructField::new("id", SparkType::Integer, false)]);
    let arrow = Arc::new(firesteel_common::types::schema_to_arrow(&schema));
    host.rows(schema, &[RecordBatch::try_new(arrow, vec![id_column(side)])?])
}

fn count(value: Option<TableArgument>) -> Result<usize> {
    let value = value.map(TableArgument::value).transpose()?;
    let count = value.and_then(|value| value.as_i64()).unwrap_or_default();
    usize::try_from(count)
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| error::requirement("num must be positive"))
}

impl Model for AlsModel {
    fn size_bytes(&self) -> u64 {
        [&self.users, &self.items]
            .map(|side| 16 * side.ids.len() as u64 + 4 * side.values.len() as u64)
            .iter()
            .sum()
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let (user_col, item_col) = (params.string("userCol")?, params.string("itemCol")?);
        let args = vec![id_expr(&input, user_col)?, id_expr(&input, item_col)?];
        let predictor = Shared::new(Predictor {
            user_col: user_col.to_owned(),
            item_col: item_col.to_owned(),
            users: Arc::clone(&self.users),
            items: Arc::clone(&self.items),
        });
        let call = PREDICT.call(&predictor, &SparkType::Float, false, args);
        let name = params.string("predictionCol")?;
        let field = StructField::new(name, SparkType::Float, false);
        let frame = input.with_columns(vec![(call, field)])?;
        if params.string("coldStartStrategy")? != "drop" {
            return Ok(frame);
        }
        let prediction = frame.column(name)?.expr();
        frame.filter(not_nan(prediction))
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "rank" => Ok(Answer::Value(Value::Int(self.rank as i32))),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn table(
        &self,
        params: &Params,
        name: &str,
        args: Vec<TableArgument>,
        host: &mut dyn TableHost,
    ) -> Result<Frame> {
        let (user, item) = (params.string("userCol")?, params.string("itemCol")?);
        let (users, items) = (&self.users, &self.items);
        let mut args = args.into_iter();
        let mut relation = || {
            let frame = args.next().map(TableArgument::frame).transpose()?;
            frame.ok_or_else(|| {
                firesteel_common::SparkError::invalid_plan("A relation was expected.")
            })
        };
        match name {
            "userFactors" => factors_frame(users, host),
            "itemFactors" => factors_frame(items, host),
            "recommendForAllUsers" => {
                let n = count(args.next())?;
                Self::recommend(ids_frame(users, host)?, (user, item), (users, items), n)
            }
            "recommendForAllItems" => {
                let n = count(args.next())?;
                Self::recommend(ids_frame(items, host)?, (item, user), (items, users), n)
            }
            "recommendForUserSubset" => {
                let input = relation()?;
                let n = count(args.next())?;
                self.subset(input, (user, item), (users, items), n)
            }
            "recommendForItemSubset" => {
                let input = relation()?;
                let n = count(args.next())?;
                self.subset(input, (item, user), (items, users), n)
            }
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        to.extra("rank", serde_json::json!(self.rank));
        to.table("userFactors", factors_table(&self.users)?)?;
        to.table("itemFactors", factors_table(&self.items)?)
    }

    fn text(&self, params: &Params) -> String {
        format!("ALSModel: uid={}, rank={}", params.uid(), self.rank)
    }
}

/// NaN is the only number that is not equal to itself; in Spark it is, so the test is written as a range.
fn not_nan(prediction: Expr) -> Expr {
    prediction.between(lit(f32::NEG_INFINITY), lit(f32::INFINITY))
}

pub(crate) fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let rank = from.metadata().get("rank").and_then(serde_json::Value::as_u64);
    let rank = rank.ok_or_else(|| error::failed("A saved model has no rank."))? as usize;
    let users = read_side(&from.table("userFactors")?, rank)?;
    let items = read_side(&from.table("itemFactors")?, rank)?;
    Ok(Arc::new(AlsModel::new(rank, users, items)))
}

fn read_side(table: &Table, rank: usize) -> Result<Factors> {
    let ids = cast(table.column("id")?, &DataType::Int32)?;
    let ids = ids.as_primitive::<Int32Type>().values().to_vec();
    let lists = table.column("features")?;
    let broken = || error::failed("A saved model has broken factors.");
    let lists = lists.as_list_opt::<i32>().ok_or_else(broken)?;
    let mut values = Vec::with_capacity(ids.len() * rank);
    for list in lists.iter() {
        let list = cast(&list.ok_or_else(broken)?, &DataType::Float32)?;
        values.extend_from_slice(list.as_primitive::<Float32Type>().values());
    }
    if values.len() != ids.len() * rank {
        return Err(broken());
    }
    Ok(Factors { ids, values })
}
